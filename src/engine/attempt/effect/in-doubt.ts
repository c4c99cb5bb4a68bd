// What to do about an effect where it would be performed, if it may have happened already.
import { RepriseError, messageOf } from '../../../base/error.ts';
import type { Value } from '../../../base/value.ts';
import { oneLine } from '../../../base/visible-text.ts';
import { fullAddressText } from '../../../journal/address.ts';
import { isFurther } from '../../../journal/step/asked-in.ts';
import type { AskedIn } from '../../../journal/step/asked-in.ts';
import type { LeftBehind } from '../../../journal/step/effect-history.ts';
import type { BeginEntry, EffectOutcome, NoteEntry } from '../../../journal/entry.ts';
import { decisionOf } from '../../rules/decision.ts';
import type { Decision } from '../../rules/decision.ts';
import { decideStep, errorValue, leftStep } from '../../rules/failure.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import type { EffectPolicy } from './effect-policy.ts';

/** What somebody has decided. */
export interface Made {
  readonly decision: Decision;
  readonly by: string | undefined;
  /** Says that it was followed. Durable before the effect is performed again, so that it does not count for a later doubt. */
  readonly note?: NoteEntry;
}

export type NextStep =
  | { readonly kind: 'perform' }
  /** Not before this has been asked for. */
  | { readonly kind: 'wait'; readonly left: LeftBehind }
  | { readonly kind: 'ask' }
  /** When the run was resumed, somebody said what became of it. */
  | ({ readonly kind: 'decided' } & Made)
  /** It has this outcome. */
  | { readonly kind: 'settle'; readonly outcome: EffectOutcome }
  /** Its attempt fails, and with it the run. */
  | { readonly kind: 'fail'; readonly error: Value };

export interface AskedNow {
  readonly own: AskedIn;
  /** What the journal held of it when this attempt was entered again. */
  readonly begun: BeginEntry | undefined;
  readonly mayHavePast: boolean;
  readonly policy: EffectPolicy;
  /** It was performed in this process, and its connection was lost with this. */
  readonly lost?: EffectOutcome | undefined;
}

const perform: NextStep = { kind: 'perform' };
const ask: NextStep = { kind: 'ask' };

export function nextStep({ parts, node, key }: AttemptSetup, asked: AskedNow): NextStep {
  const { own, lost } = asked;
  const { onDoubt = 'retry', isOnce } = asked.policy;
  const since = asked.mayHavePast ? parts.history.doubtOf(own) : begunHere(asked);
  if (since === undefined) {
    const isFree = onDoubt === 'retry' && isOnce !== true;
    const left = isFree || !isFurther(own.at) ? undefined : parts.history.leftBehind(own);
    return left === undefined ? perform : { kind: 'wait', left };
  }
  parts.history.askedInDoubt(own, onDoubt);
  const decided = parts.history.followDecision(own, parts.clock.now());
  if (decided !== undefined) {
    const question = parts.questions.takeDoubt(key, own.ref)?.key;
    const note = question === undefined ? decided.note : withQuestion(decided.note, question);
    return { kind: 'decided', decision: decisionOf(decided.decided, own.ref.type), by: decided.by, note };
  }
  if (onDoubt === 'retry') return perform;
  // What runs on workers asks nobody: the run fails, and a decision is made when it is resumed.
  // A request of other code is sent again only by that code: the run fails, and asks when it is resumed.
  const isSent = lost !== undefined && own.ref.type === 'http';
  if (onDoubt === 'ask' && node.policy.on === undefined && !isSent) return ask;
  const why = lost?.kind === 'error' ? messageOf(lost.error) : undefined;
  if (parts.run.semantics > 1) return { kind: 'fail', error: errorValue(inDoubtError(since, own, why), undefined) };
  return { kind: 'settle', outcome: { kind: 'error', error: errorValue(inDoubtErrorOfNode(since, own), undefined) } };
}

/** Nobody is asked any more what has been decided. */
function withQuestion(note: NoteEntry, question: string): NoteEntry {
  return { ...note, observed: { ...note.observed, question } };
}

/** Nobody needs to know whether something that waits has begun. */
function begunHere({ own, begun }: AskedNow): Began | undefined {
  return begun !== undefined && (own.ref.type === 'call' || own.ref.type === 'http') ? own : undefined;
}

type Began = Pick<AskedIn, 'at' | 'ref'>;

/**
 * The time of an attempt is over, no other follows, and it leaves an effect in doubt whose policy does not perform it again:
 * that is what it fails with, since what handles a timeout would pass the doubt.
 */
export function doubtAtTimeout({ parts, key, owner }: AttemptSetup, timeout: RepriseError): Value | undefined {
  if (parts.run.semantics === 1) return undefined;
  const left = parts.history.doubts.find(({ at, onDoubt = 'retry' }) => at === key && onDoubt !== 'retry');
  if (left === undefined || owner.mayRetry(errorValue(timeout, undefined))) return undefined;
  return errorValue(inDoubtError(left, left, timeout.message), undefined);
}

/** An effect that waits, and what it waits for. */
interface Waiting {
  readonly own: AskedIn;
  readonly left: LeftBehind;
  readonly begin: () => void;
  /** Whether its code may wait for something of its own. */
  readonly isBusy: () => boolean;
}

/** How long an attempt may be idle before what it has not asked for counts as missing, in milliseconds. */
const restMs = 1_000;
/** For so many times as long it may wait for timers of its own. */
const busyRestsMax = 60;

const never = (): boolean => false;

/**
 * The effects of one attempt that must not happen twice, are new, and wait until it has asked for what earlier attempts have
 * left: that may be the same. If the attempt comes to rest before, it fails.
 */
export class AttemptDoubts {
  readonly #setup: AttemptSetup;
  /** The attempt cannot continue: its node never learns of the error. */
  readonly fail: (error: Value) => void;
  readonly #waiting = new Set<Waiting>();
  /** What was asked for since, as far as it is open. */
  #asked: readonly Asking[] = [];
  #activity = 0;
  #stopTimer: (() => void) | undefined;

  constructor(setup: AttemptSetup, fail: (error: Value) => void) {
    this.#setup = setup;
    this.fail = fail;
  }

  wait(own: AskedIn, left: LeftBehind, begin: () => void, isBusy = never): () => void {
    const waiting = { own, left, begin, isBusy };
    this.#waiting.add(waiting);
    this.#stopTimer ??= this.#watch(busyRestsMax);
    return () => this.#letGo(waiting);
  }

  /** The attempt has asked for something, and that has begun if it may. */
  asked(effect: Asking): void {
    this.#activity += 1;
    this.#asked = [...this.#asked.filter(({ isOpen }) => isOpen), effect];
    for (const waiting of [...this.#waiting]) {
      if (this.#setup.parts.history.leftBehind(waiting.own) !== undefined) continue;
      this.#letGo(waiting);
      waiting.begin();
    }
  }

  #letGo(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #watch(busyRests: number): () => void {
    const activity = this.#activity;
    return this.#setup.parts.clock.setTimer(restMs, () => {
      const [first] = this.#waiting;
      if (first === undefined) return;
      if (activity !== this.#activity || this.#isPerforming) this.#stopTimer = this.#watch(busyRestsMax);
      else if (busyRests > 0 && first.isBusy()) this.#stopTimer = this.#watch(busyRests - 1);
      else this.fail(errorValue(leftError(first.left, first.own), undefined));
    });
  }

  /** Whether something is open that neither waits here nor for people. */
  get #isPerforming(): boolean {
    const here = new Set([...this.#waiting].map(({ own }) => own));
    return this.#asked.some(({ isOpen, isWaiting, own }) => isOpen && !isWaiting && !here.has(own));
  }
}

interface Asking {
  readonly own: AskedIn;
  readonly isOpen: boolean;
  readonly isWaiting: boolean;
}

function leftError({ at, ref, isDone }: LeftBehind, own: AskedIn): RepriseError {
  const address = fullAddressText(at, ref);
  const asked = fullAddressText(own.at, own.ref);
  const happened = isDone ? `${address} happened, and must not twice` : `nobody knows whether ${address} happened`;
  return new RepriseError('effect-in-doubt', `${happened}, and ${asked} is asked for in its place`, {
    nextStep: leftStep(address, asked, isDone),
    fields: { type: ref.type, name: ref.name, address, asked, left: isDone ? 'done' : 'in doubt' },
  });
}

/** `began`: the effect, or the try of it, that is in doubt. `own`: what would be performed. `why`: how it was lost. */
function inDoubtError(began: Began, own: Began, why?: string): RepriseError {
  const { ref } = began;
  const address = fullAddressText(began.at, ref);
  const asked = ref.occurrence === own.ref.occurrence ? {} : { asked: fullAddressText(own.at, own.ref) };
  const text = `nobody knows whether ${address} happened${why === undefined ? '' : `: ${oneLine(why)}`}`;
  return new RepriseError('effect-in-doubt', text, {
    nextStep: decideStep(address),
    // The journal holds these and comparisons read them, unlike the message.
    fields: { type: ref.type, name: ref.name, address, ...asked },
  });
}

/** Under version 1 it is an error that the node gets and may handle. */
function inDoubtErrorOfNode({ at }: Began, { ref }: AskedIn): RepriseError {
  return new RepriseError('effect-in-doubt', `nobody knows whether ${fullAddressText(at, ref)} happened`, {
    nextStep: "Find out whether it happened, or choose onDoubt: 'retry' or 'ask'.",
    fields: { type: ref.type, name: ref.name },
  });
}
