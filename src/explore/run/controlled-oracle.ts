// The oracle of the explorer, and its clock: one thing happens at a time, and the next is chosen when nothing more follows.
//   Owns:         what is ready, the virtual time, the trace of one run.
//   Not its job:  which of the things that are ready happens (the strategy), what it means that a run differs.
//   C1. It chooses only when all is quiet. While every attempt waits here and Node does nothing for any of them, all is quiet
//       once the microtasks have run; otherwise the quiet of the run says so.
//   C2. What takes effect at once in a live run does so here: the end of a node, and a further attempt without a wait.
//   C3. The engine's own timers are no events: those without delay fire before the next choice, others when nothing is left.
//   C4. What nobody sees is waited for one second of real time, and then named. Where the answer that an attempt waits for
//       never comes, and the process has nothing else open, there is nothing to wait for.
import { workUnderWay } from '../../live/event-loop/node-work.ts';
import { isProcessAsleep } from '../../live/event-loop/sleeping-process.ts';
import { Settling } from '../../live/event-loop/settling.ts';
import type { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import type { Clock, TimedArrival } from '../../port/clock.ts';
import type { Arrival, Oracle } from '../../port/oracle.ts';
import { arrivalKey } from '../order/arrival-key.ts';
import type { EventName, EventNames } from '../order/event-names.ts';
import { OpenAttempts } from '../order/open-attempts.ts';
import { ReadyEvent, ReadyEvents } from '../order/ready-events.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { Trace, TraceItem } from '../order/trace.ts';

export interface ControlSetup {
  readonly names: EventNames;
  readonly strategy: Strategy;
  readonly quiet: RunQuiet;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** The outside is asked for real, so it matters when a request leaves. */
  readonly isOutsideAsked: boolean;
  /** More than this has no end. */
  readonly eventsMax: number;
  /** How late an answer comes, by the key of its arrival; without an end, if it never does. */
  readonly lateMs?: ((key: string) => number | undefined) | undefined;
  /** Whether an exchange of the attempt ends in silence. */
  readonly isInSilence?: ((at: string) => boolean) | undefined;
  /** Nothing is ready, and the run has not ended. */
  readonly onStuck: (running: readonly string[]) => void;
  /** Called after every thousand things that have happened. */
  readonly onEvents?: ((count: number) => void) | undefined;
  /** Called before each choice, when nothing more follows from what happened last. */
  readonly onQuiet?: ((trace: Trace, ready: readonly ReadyEvent[]) => void) | undefined;
}

/** How often it is told how far a run has come. */
const toldEvents = 1_000;

interface OwnTimer {
  readonly due: number;
  readonly fire: () => void;
}

export class ControlledOracle implements Oracle, Clock {
  readonly isControlled = true;
  readonly trace: TraceItem[] = [];
  readonly givenUp: TraceItem[] = [];
  /** How often more than one thing was ready, and how many at most. */
  choiceCount = 0;
  widest = 0;
  /** A digest of what was ready at each choice. */
  readyDigest = 0;
  /** Timers that were still set when their attempt was over, and never had a chance to fire. */
  readonly unfired: EventName[] = [];
  /** Attempts that waited too long for something that nobody sees. */
  readonly uncontrolled = new Set<string>();
  /** Attempts with work of Node that ends when it likes: beside something else of theirs, or of others alone. */
  readonly unordered = new Map<string, 'within' | 'between'>();
  readonly #setup: ControlSetup;
  readonly #attempts = new OpenAttempts();
  readonly #ready = new ReadyEvents();
  /** What the outside was asked for and has not answered yet, by key. */
  readonly #asked = new Map<string, string>();
  readonly #ownTimers = new Set<OwnTimer>();
  /** What attempts that are over still waited for. */
  #left: ReadyEvent[] = [];
  /** Timers that they have left set, which fire where nothing else is left. */
  readonly #outlasting = new Set<ReadyEvent>();
  readonly #over = new Set<string>();
  #arrivedCount = 0;
  /** How many things of unknown length have happened. */
  #era = 0;
  #timeMs = 0;
  /** The timer that fires now, whose arrival was chosen with it. */
  #firing: TimedArrival | undefined;
  /** An answer never comes. */
  #isLost = false;
  #stopWaiting: (() => void) | undefined;
  #isOver = false;
  /** In the context of its maker: what it does belongs to no attempt. */
  readonly #settling = new Settling(() => this.#look());

  constructor(setup: ControlSetup) {
    this.#setup = setup;
  }

  now(): number {
    return this.#setup.startTime + this.#timeMs;
  }

  arrive(arrival: Arrival): void {
    const { kind, at } = arrival;
    if (this.#isOver) return;
    if (kind === 'task' || kind === 'retry' || this.#isChosen(arrival)) {
      arrival.deliver();
      return;
    }
    if (this.#setup.isOutsideAsked) this.#asked.delete(arrivalKey(arrival));
    else if (kind === 'request') {
      arrival.deliver();
      return;
    }
    const event = this.#setup.names.of(arrival);
    const late = kind === 'effect' ? this.#setup.lateMs?.(event.key) : undefined;
    this.#attempts.wait(at);
    if (late === undefined) this.#ready.add(new ReadyEvent(event, this.#place(), () => this.#deliver(arrival)));
    else if (late === Number.POSITIVE_INFINITY) this.#isLost = true;
    else this.#addLate(event, late, arrival);
    if (this.#setup.quiet.isAtWork) this.#waitsBesideWork(at);
    this.#stir();
  }

  /** Node is at work for an attempt from now on. `others`: for whom it is at work already. */
  workBegins(at: string, others: readonly string[]): void {
    const waiting = this.#ready.all.filter(({ isGuard }) => !isGuard).map(({ event }) => event.attempt.at);
    this.#noteUnordered(at, [...others, ...waiting]);
  }

  #waitsBesideWork(at: string): void {
    const workers = workUnderWay(this.#setup.quiet).filter(({ kind }) => kind === 'request' || kind === 'compression');
    for (const { attempt } of workers) this.#noteUnordered(attempt.at, [at]);
  }

  #noteUnordered(at: string, others: readonly string[]): void {
    if (others.includes(at)) this.unordered.set(at, 'within');
    else if (others.length > 0 && !this.unordered.has(at)) this.unordered.set(at, 'between');
  }

  #addLate(event: EventName, lateMs: number, arrival: Arrival): void {
    const due = { at: this.#timeMs + lateMs, era: this.#era };
    const deliver = (): void => {
      this.#timeMs = Math.max(this.#timeMs, due.at);
      this.#deliver(arrival);
    };
    this.#ready.add(new ReadyEvent(event, this.#place(), deliver, { due }));
  }

  #place(): Pick<TraceItem, 'since' | 'arrived'> {
    this.#arrivedCount += 1;
    return { since: this.trace.length, arrived: this.#arrivedCount };
  }

  #isChosen({ kind, at }: Arrival): boolean {
    const isChosen = this.#firing?.kind === kind && this.#firing.at === at;
    if (isChosen) this.#firing = undefined;
    return isChosen;
  }

  #deliver(arrival: Arrival): void {
    const { kind, at } = arrival;
    this.#attempts.wake(at);
    if (kind === 'start') this.#attempts.start(at);
    else if (kind === 'request')
      this.#asked.set(arrivalKey({ ...arrival, kind: 'effect', at, effect: arrival.effect }), at);
    else this.#era += 1;
    arrival.deliver();
  }

  left(at: string): void {
    this.#attempts.leave(at);
    if (this.#asked.size > 0) for (const [key, attempt] of this.#asked) if (attempt === at) this.#asked.delete(key);
    for (const timer of this.#ready.timers)
      if (timer.isLikeLimit && timer.event.attempt.at === at) this.unfired.push(timer.event);
    this.#over.add(at);
    const removed = this.#ready.removeOf(at);
    for (const timer of removed.filter(({ isOfNode }) => isOfNode)) this.#outlasting.add(timer);
    const left = removed.filter(({ due }) => due === undefined);
    if (left.length === 0) return;
    // The run may end before any of it is delivered.
    for (const event of left) event.happened = this.trace.length;
    this.#left.push(...left);
    this.givenUp.push(...left);
    this.#stir();
  }

  setTimer(delayMs: number, fire: () => void, use?: 'background' | TimedArrival): () => void {
    if (use === 'background' || this.#isOver) return () => undefined;
    if (use === undefined) return this.#setOwnTimer(delayMs, fire);
    const due = { at: this.#timeMs + delayMs, era: this.#era };
    const { isGuard, isLimit, isReady } = use;
    const timer = { due, isGuard, isLimit, isReady, isSleep: use.kind === 'sleep' };
    // A limit is set before what it limits is asked for, which may take code some turns.
    const waits = use.kind !== 'timeout' && isGuard !== true;
    const elapse = (): void => {
      this.#timeMs = Math.max(this.#timeMs, due.at);
      if (waits) this.#attempts.wake(use.at);
      this.#firing = use;
      fire();
      this.#firing = undefined;
    };
    const event = new ReadyEvent(this.#setup.names.of(use), this.#place(), elapse, timer);
    if (event.isOfNode && this.#over.has(use.at)) this.#outlasting.add(event);
    else this.#ready.add(event);
    if (waits) this.#attempts.wait(use.at);
    this.#stir();
    return () => {
      if (this.#outlasting.delete(event)) return;
      if (!this.#ready.remove(event)) return;
      this.#giveUp(event);
      if (waits) this.#attempts.wake(use.at);
      this.#stir();
    };
  }

  #giveUp(event: ReadyEvent): void {
    event.giveUp(this.trace.length);
    this.givenUp.push(event);
  }

  #setOwnTimer(delayMs: number, fire: () => void): () => void {
    const timer = { due: this.#timeMs + delayMs, fire };
    this.#ownTimers.add(timer);
    this.#stir();
    return () => this.#ownTimers.delete(timer);
  }

  /** Fires the next of the timers that attempts have left set. Returns whether there was one. */
  outlast(): boolean {
    const timer = this.#firstOutlasting;
    if (timer === undefined) return false;
    this.#outlasting.delete(timer);
    timer.deliver(this.trace.length);
    return true;
  }

  /** The run has ended, or is given up: nothing happens in it any more. */
  end(): void {
    this.#isOver = true;
    for (const event of this.#ready.all) this.#giveUp(event);
    this.#stopWaiting?.();
  }

  #stir(): void {
    this.#setup.quiet.stir();
    if (!this.#isOver) this.#settling.ask();
  }

  #look(): void {
    if (this.#isOver || this.#deliverLeft() || this.#fireOwn((timer) => timer.due <= this.#timeMs)) return;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    const { quiet } = this.#setup;
    const { eligible } = this.#ready;
    // Time passes only when nothing else can happen, what a resumed run repeats in its order included.
    const isTimeNext = quiet.isAwaited && eligible.every(({ due }) => due !== undefined);
    const isAnyLeft = eligible.length > 0 || (this.#isLost && !quiet.isAwaited);
    if (this.#isSettled && !quiet.isAtWork && isAnyLeft && !isTimeNext) this.#choose();
    else {
      // What the process has open may have ended at the next look.
      const mayStillCome = (): boolean => this.#mayStillCome;
      this.#stopWaiting = quiet.when({
        get rank() {
          return mayStillCome() ? 'unmet' : 'recorded';
        },
        due: isTimeNext ? Number.MAX_SAFE_INTEGER : 0,
        go: () => this.#choose(),
      });
    }
  }

  get #isSettled(): boolean {
    return this.#attempts.areAllWaiting && this.#asked.size === 0;
  }

  /** Whether all waits for something that may come from where nobody sees it. */
  get #mayStillCome(): boolean {
    if (this.#asked.size > 0) return true;
    if (this.#ready.eligible.length > 0 || this.#ownTimers.size > 0 || this.#outlasting.size > 0) return false;
    return !this.#isInSilence;
  }

  get #isInSilence(): boolean {
    const { isInSilence } = this.#setup;
    return isInSilence !== undefined && this.#attempts.running.some(isInSilence) && isProcessAsleep();
  }

  #deliverLeft(): boolean {
    if (this.#left.length === 0) return false;
    const left = this.#left;
    this.#left = [];
    for (const event of left) event.deliver(this.trace.length);
    this.#stir();
    return true;
  }

  #fireOwn(mayFire: (timer: OwnTimer) => boolean): boolean {
    let first: OwnTimer | undefined;
    for (const timer of this.#ownTimers)
      if (mayFire(timer) && (first === undefined || timer.due < first.due)) first = timer;
    if (first === undefined) return false;
    this.#ownTimers.delete(first);
    // One without an end waits for nothing but that nothing else is left.
    if (Number.isFinite(first.due)) this.#timeMs = Math.max(this.#timeMs, first.due);
    first.fire();
    this.#stir();
    return true;
  }

  #choose(): void {
    this.#stopWaiting = undefined;
    if (this.#isOver) return;
    for (const at of this.#asked.values()) this.uncontrolled.add(at);
    this.#asked.clear();
    const { eligible } = this.#ready;
    this.#setup.onQuiet?.(this.trace, eligible);
    if (eligible.length === 0) {
      const outlasting = this.#firstOutlasting;
      if (outlasting !== undefined) this.#happen(outlasting);
      else if (!this.#fireOwn(() => true)) this.#setup.onStuck(this.#attempts.running);
      return;
    }
    this.#happen(eligible.length === 1 ? (eligible[0] as ReadyEvent) : this.#chosen(eligible));
  }

  get #firstOutlasting(): ReadyEvent | undefined {
    let first: ReadyEvent | undefined;
    for (const timer of this.#outlasting) if (first === undefined || dueOf(timer) < dueOf(first)) first = timer;
    return first;
  }

  #chosen(eligible: readonly ReadyEvent[]): ReadyEvent {
    this.choiceCount += 1;
    this.widest = Math.max(this.widest, eligible.length);
    this.readyDigest = (Math.imul(this.readyDigest, 31) + this.#ready.digestOf(eligible)) | 0;
    return eligible[this.#setup.strategy.pick(eligible, this.trace)] as ReadyEvent;
  }

  #happen(event: ReadyEvent): void {
    if (this.trace.length >= this.#setup.eventsMax) {
      this.#setup.onStuck([event.event.attempt.at]);
      return;
    }
    if (!this.#outlasting.delete(event)) this.#ready.take(event);
    const place = this.trace.push(event) - 1;
    if ((place + 1) % toldEvents === 0) this.#setup.onEvents?.(place + 1);
    this.#setup.quiet.stir();
    event.deliver(place);
    this.#stir();
  }
}

function dueOf({ due }: ReadyEvent): number {
  return due?.at ?? 0;
}
