// The effects of an attempt that wait for what was left before.
import type { Value } from '../../../../base/value.ts';
import type { AskedIn } from '../../../../journal/step/asked-in.ts';
import type { LeftBehind } from '../../../../journal/step/past/effect-past.ts';
import { errorValue } from '../../../rules/failure.ts';
import { RestWatch } from '../../../world/rest-watch.ts';
import type { Resting } from '../../../world/rest-watch.ts';
import type { AttemptSetup } from '../../attempt-setup.ts';
import { leftError } from './doubt-errors.ts';

/** An effect that waits, and what it waits for. */
interface Waiting {
  readonly own: AskedIn;
  readonly left: LeftBehind;
  readonly begin: () => void;
  /** Whether its code may wait for something of its own. */
  readonly isBusy: () => boolean;
}

/** An effect that the attempt has asked for. */
interface Asking {
  readonly own: AskedIn;
  readonly isOpen: boolean;
  readonly isWaiting: boolean;
}

/** How many effects are kept before those that are over are first dropped. */
const askedMaxFirst = 64;

const never = (): boolean => false;

/**
 * The effects of one attempt that must not happen twice, are new, and wait until it has asked for what earlier attempts have
 * left: that may be the same. If the attempt comes to rest before, it fails.
 */
export class AttemptDoubts implements Resting {
  readonly #setup: AttemptSetup;
  /** The attempt cannot continue: its node never learns of the error. */
  readonly fail: (error: Value) => void;
  readonly #waiting = new Set<Waiting>();
  /** What was asked for since, as far as it may be open. */
  readonly #asked = new Set<Asking>();
  /** How many it may hold before those that are over are dropped: twice as many as were open the last time. */
  #askedMax = askedMaxFirst;
  #activity = 0;
  readonly #rest: RestWatch;

  constructor(setup: AttemptSetup, fail: (error: Value) => void) {
    this.#setup = setup;
    this.fail = fail;
    this.#rest = new RestWatch(setup.parts.clock, this);
  }

  wait(own: AskedIn, left: LeftBehind, begin: () => void, isBusy = never): () => void {
    const waiting = { own, left, begin, isBusy };
    this.#waiting.add(waiting);
    this.#rest.begin();
    return () => this.#letGo(waiting);
  }

  /** The attempt has asked for something, and that has begun if it may. */
  asked(effect: Asking): void {
    this.#activity += 1;
    this.#asked.add(effect);
    if (this.#asked.size > this.#askedMax) this.#forgetOver();
    for (const waiting of [...this.#waiting]) {
      if (this.#setup.parts.history.leftBehind(waiting.own) !== undefined) continue;
      this.#letGo(waiting);
      waiting.begin();
    }
  }

  #forgetOver(): void {
    for (const effect of this.#asked) if (!effect.isOpen) this.#asked.delete(effect);
    this.#askedMax = Math.max(askedMaxFirst, 2 * this.#asked.size);
  }

  #letGo(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size === 0) this.#rest.end();
  }

  get activity(): number {
    return this.#activity;
  }

  rests(): 'at work' | 'busy' | 'idle' {
    if (this.#isPerforming) return 'at work';
    const [first] = this.#waiting;
    return first?.isBusy() === true ? 'busy' : 'idle';
  }

  /** A resume with `force` is refused where it has not ended the attempt that it took over: other code may still do that. */
  atRest(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const { parts } = this.#setup;
    const left = parts.history.leftBehind(first.own) ?? first.left;
    if (left.at === first.own.at) parts.stop.diverge(leftError(left, first.own, 'resume-diverged'));
    else this.fail(errorValue(leftError(left, first.own), undefined));
  }

  /** Whether something is open that neither waits here nor for people. */
  get #isPerforming(): boolean {
    this.#forgetOver();
    const here = new Set([...this.#waiting].map(({ own }) => own));
    return [...this.#asked].some(({ isWaiting, own }) => !isWaiting && !here.has(own));
  }
}
