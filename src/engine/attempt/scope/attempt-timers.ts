// The timers that the code of one attempt sets. Live they are the process's own, and each firing is numbered. A replay,
// and an attempt that is entered again, get the recorded firings at their places, and wait for none of them.
//   I1. Timers are paired with recorded ones by delay and by their place among equals.
//   I2. In a replay, a timer that did not fire in the recording fires only when all is quiet and nothing recorded is left.
//   I3. The timer of a socket that plays a recorded answer is paired with none, and begins no segment: live it belongs to
//       the connection, and nobody sees it fire.
//   I4. A new firing in an attempt that is entered again comes after everything recorded.
//   I5. Live, a short timer is work under way: its run leaves memory only after it.
import { RepriseError } from '../../../base/error.ts';
import type { TimerFiring } from '../../../journal/entry.ts';
import { firingName } from '../../../journal/run/recorded-places.ts';
import type { NodeTimer, TimerRole } from '../../../port/attempt.ts';
import type { RunOrder } from '../../run/order/run-order.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

/** Further firings of an attempt are not recorded. */
const firingsMax = 10_000;

/** A longer timer is a wait: the run does not stay in memory for it. As long as the default of `parkMs`. */
const workMsMax = 10_000;

/** The attempt that the timers belong to. */
export interface TimingAttempt {
  readonly isOpen: boolean;
  /** The path of the task inside it that runs now; undefined outside of all. */
  readonly task: string | undefined;
  noteUnrecorded(what: string): void;
  threw(thrown: unknown): void;
  /** Something reached its code, or that of a task inside it. */
  delivered(task?: string): void;
  /** The ordinal of the next entry of what it read and which of its timers fired. */
  nextAmbient(): number;
}

export class AttemptTimers {
  readonly setup: AttemptSetup;
  readonly attempt: TimingAttempt;
  /** Each with what ends it as work. */
  readonly #open = new Map<OpenTimer, (() => void) | undefined>();
  /** How many timers of each delay there have been. */
  readonly #counts = new Map<number, number>();
  readonly #socketCounts = new Map<number, number>();
  #recorded: ReadonlyMap<string, number> | undefined;
  #firings: TimerFiring[] = [];
  #firingCount = 0;
  #unrecordedCount = 0;

  constructor(setup: AttemptSetup, attempt: TimingAttempt) {
    this.setup = setup;
    this.attempt = attempt;
    const firings = setup.world.timers?.firings ?? [];
    if (firings.length > 0) this.#recorded = new Map(firings.map((firing) => [firingName(firing), firing.order]));
  }

  open(delayMs: number, repeats: boolean, fire: () => void, role: TimerRole): NodeTimer {
    const named = { ...this.#named(delayMs, role.isOfSocket === true), isLimit: () => role.isWork?.() !== true };
    const timer = new OpenTimer(this, named, repeats, fire);
    this.#open.set(timer, this.#beginWork(delayMs, repeats, role));
    this.setup.parts.order.numbers.openTimer();
    this.setup.parts.order.quiet.stir();
    timer.begin();
    return timer;
  }

  /** One that repeats would never end. */
  #beginWork(delayMs: number, repeats: boolean, { isWork }: TimerRole): (() => void) | undefined {
    const { parts, world } = this.setup;
    if (isWork === undefined || repeats || delayMs > workMsMax) return undefined;
    if (world.timers?.isReplay === true || parts.oracle.isControlled === true) return undefined;
    return parts.rest.addWork(isWork);
  }

  #named(delayMs: number, isOfSocket: boolean): Omit<NamedTimer, 'isLimit'> {
    const counts = isOfSocket ? this.#socketCounts : this.#counts;
    const occurrence = counts.get(delayMs) ?? 0;
    counts.set(delayMs, occurrence + 1);
    return { delayMs, occurrence, isOfSocket };
  }

  /** Where the recorded order has this firing. */
  placeOf(firing: Omit<TimerFiring, 'order'>): number | undefined {
    return this.#recorded?.get(firingName(firing));
  }

  closed(timer: OpenTimer): void {
    const endWork = this.#open.get(timer);
    if (!this.#open.delete(timer)) return;
    this.setup.parts.order.numbers.closeTimer();
    endWork?.();
  }

  /** Whether an unrecorded firing is one too many: a node that polls for something may poll for ever. */
  isTooMany(): boolean {
    this.#unrecordedCount += 1;
    return this.#unrecordedCount > firingsMax;
  }

  fired(firing: TimerFiring): void {
    const { parts, world } = this.setup;
    // A replay is not recorded, and runs of version 1 hold no firings.
    if (world.timers?.isReplay === true || !parts.order.numbers.isKept) return;
    this.#firingCount += 1;
    if (this.#firingCount > firingsMax) {
      if (this.#firingCount === firingsMax + 1)
        this.attempt.noteUnrecorded(`its timers fired more than ${firingsMax} times, and the rest is not recorded`);
      return;
    }
    this.#firings.push(firing);
    if (this.#firings.length > 1) return;
    const hold = (): void => this.#hold();
    if (world.keepBack?.(hold) !== true) hold();
  }

  /** The attempt is over. */
  close(): void {
    for (const timer of [...this.#open.keys()]) this.closed(timer);
  }

  #hold(): void {
    const { parts, key, node } = this.setup;
    parts.journal.ambient.hold(key, () => {
      const firings = this.#firings;
      this.#firings = [];
      const ordinal = this.attempt.nextAmbient();
      return { kind: 'ambient', at: key, node: node.name, ordinal, observed: { time: parts.clock.now(), firings } };
    });
  }
}

interface NamedTimer extends Pick<TimerFiring, 'delayMs' | 'occurrence'> {
  readonly isOfSocket: boolean;
  readonly isLimit: () => boolean;
}

class OpenTimer implements NodeTimer {
  readonly #timers: AttemptTimers;
  readonly #timer: NamedTimer;
  readonly #repeats: boolean;
  readonly #call: () => void;
  readonly isReal: boolean;
  readonly isOnTime: boolean;
  /** The task inside the attempt that has set it. */
  readonly #task: string | undefined;
  /** How often it has fired. */
  #turn = 0;
  readonly #endless: Error | undefined;
  #isClosed = false;
  #withdraw: (() => void) | undefined;

  constructor(timers: AttemptTimers, timer: NamedTimer, repeats: boolean, call: () => void) {
    this.#timers = timers;
    this.#task = timers.attempt.task;
    this.#timer = timer;
    this.#repeats = repeats;
    this.#call = call;
    const isReplay = timers.setup.world.timers?.isReplay === true;
    this.isReal = !isReplay && !this.#isControlled && this.#place === undefined;
    this.isOnTime = this.isReal && timers.setup.world.timers === undefined && this.#order.followed.isOver;
    // Made here, where the stack says who set it.
    this.#endless =
      isReplay && (repeats || this.#place === undefined)
        ? endlessError(timers.setup.node.name, timer.delayMs)
        : undefined;
  }

  begin(): void {
    if (!this.isReal) this.#wait();
  }

  elapsed(): void {
    if (this.#timers.attempt.isOpen) this.#order.followed.after(() => this.#fire(undefined));
    else this.#call();
  }

  refresh(): void {
    this.#isClosed = false;
    if (this.isReal) return;
    this.#withdraw?.();
    this.#wait();
  }

  close(): void {
    this.#isClosed = true;
    this.#withdraw?.();
    this.#withdraw = undefined;
    this.#timers.closed(this);
  }

  #wait(): void {
    const place = this.#place;
    this.#withdraw =
      place === undefined || this.#isControlled
        ? this.#setTimer(place === undefined)
        : this.#order.followed.follow(place, 'later', () => this.#fire(place));
  }

  /** A timer that did not fire in the recording may be there only in case that no answer comes. */
  #setTimer(isGuard: boolean): () => void {
    const { parts, key: at } = this.#timers.setup;
    const { isLimit } = this.#timer;
    const place = firingName({ ...this.#timer, turn: this.#turn });
    const timer = { kind: 'timer', at, place, isGuard, isLimit } as const;
    return parts.clock.setTimer(this.#timer.delayMs, () => this.#fireUnrecorded(), timer);
  }

  get #isControlled(): boolean {
    return this.#timers.setup.parts.oracle.isControlled === true;
  }

  #fireUnrecorded(): void {
    if (this.#timers.isTooMany()) {
      this.close();
      if (this.#timers.attempt.isOpen)
        this.#timers.attempt.threw(this.#endless ?? endlessError(this.#timers.setup.node.name, this.#timer.delayMs));
      return;
    }
    this.#order.followed.after(() => this.#fire(undefined));
  }

  #fire(known: number | undefined): void {
    if (this.#isClosed) return;
    const order = this.#order.numbers.give();
    this.#order.quiet.stir();
    const { delayMs, occurrence, isOfSocket } = this.#timer;
    if (known === undefined && this.#timers.attempt.isOpen && !isOfSocket)
      this.#timers.fired({ delayMs, occurrence, turn: this.#turn, order });
    this.#turn += 1;
    this.#withdraw = undefined;
    if (!this.#repeats) this.#timers.closed(this);
    else if (!this.isReal) this.#wait();
    if (!isOfSocket) this.#timers.attempt.delivered(this.#task);
    if (this.isReal) this.#call();
    else this.#callWithoutCaller();
  }

  /** No event loop of Node's is there to take an error. */
  #callWithoutCaller(): void {
    try {
      this.#call();
    } catch (thrown) {
      this.#timers.attempt.threw(thrown);
    }
  }

  get #place(): number | undefined {
    return this.#timer.isOfSocket ? undefined : this.#timers.placeOf({ ...this.#timer, turn: this.#turn });
  }

  get #order(): RunOrder {
    return this.#timers.setup.parts.order;
  }
}

function endlessError(node: string, delayMs: number): RepriseError {
  return new RepriseError(
    'replay-stalled',
    `the timers of node "${node}" fired ${firingsMax} times where the recording holds none, the last one after ${delayMs} ms`,
    {
      nextStep: 'Give what it polls for a limit, or record the run again: a replay has nothing more to give it.',
      fields: { node, delayMs },
    },
  );
}
