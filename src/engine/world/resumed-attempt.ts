// An attempt of a resumed run that is entered again: what its journal holds is answered from there (G2, G3 of the world).
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { factsOf } from '../../journal/entry.ts';
import type { AttemptResult, BeginEntry, EffectEntry, EffectRef } from '../../journal/entry.ts';
import { refOf } from '../../journal/effect-identity.ts';
import { isUnfinished } from '../../journal/http/http-request.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { Clock } from '../../port/clock.ts';
import type { Answer, AnsweredBefore, AttemptWorld } from '../../port/world.ts';
import { EnteredAgain, returnedBefore } from './entered-again.ts';
import type { Claim, Held, HoldReasons, OpenStep } from './open-step.ts';
import { RestWatch } from './rest-watch.ts';
import type { Resting } from './rest-watch.ts';
import { bodyLost, resumeDiverged } from './resume-divergence.ts';
import type { DoneInstead } from './resume-divergence.ts';

export interface ResumeSetup {
  readonly clock: Clock;
  /** Accepts that the code does something else now. */
  readonly force: boolean;
  /** If the run had failed: the tasks that get further attempts, each with the number of its last one. */
  readonly failedTasks: ReadonlyMap<string, number>;
  readonly diverged: (error: Error) => void;
}

const never = (): boolean => false;

export interface ResumedPlace {
  readonly open: OpenStep;
  readonly recorded: AttemptIndex;
  readonly at: AttemptKey;
  /** `startOf`: the place at which an attempt started that is entered again. */
  readonly setup: ResumeSetup & { startOf(at: AttemptKey): number | undefined };
}

export class ResumedAttempt extends EnteredAgain implements AttemptWorld {
  readonly #inner: AttemptWorld;
  readonly #recorded: AttemptIndex;
  readonly #at: AttemptKey;
  readonly #setup: ResumeSetup;
  readonly #open: OpenStep;
  readonly #held = new Set<Held>();
  /** What it journaled before it had asked for everything again. */
  #kept: (() => void)[] = [];
  /** Everything was asked for again, and what was held until then begins in a moment. */
  #isReleasing = false;
  #rest: RestWatch | undefined;
  #isMadeElsewhere = false;

  constructor(inner: AttemptWorld, { open, recorded, at, setup }: ResumedPlace, isResumable: boolean) {
    super(recorded, isResumable, () => setup.startOf(at), inner);
    this.#inner = inner;
    this.#open = open;
    this.#recorded = recorded;
    this.#at = at;
    this.#setup = setup;
  }

  get drawKey(): string {
    return this.#inner.drawKey;
  }
  /** Where an exchange may be found that another attempt recorded, one that is new stands here too. */
  get hasBegun(): boolean {
    return this.#open.index.attempt(this.#at) !== undefined;
  }
  madeElsewhere(): void {
    this.#isMadeElsewhere = true;
  }
  cleanUp(number: number): AttemptWorld | undefined {
    return this.#recorded.outcome === undefined ? this.#inner.cleanUp?.(number) : undefined;
  }

  keepBack(journal: () => void): boolean {
    if (this.#isMatched || this.#recorded.outcome !== undefined) return false;
    this.#kept.push(journal);
    return true;
  }

  answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
    this.#open.rest.act();
    const replaced = ref.type === 'ask' ? this.#recorded.replaceQuestion(ref) : undefined;
    if (replaced !== undefined && this.#recorded.isAskedAgain) this.#release();
    const recorded = this.#recorded.take(ref);
    if (recorded !== undefined) {
      this.#open.taken();
      if (this.#recorded.isAskedAgain) this.#release();
      const { outcome, observed } = recorded;
      return { kind: 'answered', outcome, facts: factsOf(recorded), order: observed.order, keepsPlaces: true };
    }
    const unfinished = this.#recorded.takeUnfinished(ref);
    if (unfinished !== undefined) return this.#answerUnfinished(unfinished, ref);
    const began = this.#begun(ref);
    const answer = this.#answerNew(ref, kept);
    if (answer.kind !== 'perform') {
      if (this.#isReleasing) this.#release();
      return answer;
    }
    const isClaim = this.#open.isElsewhere(ref, this.#recorded);
    return {
      ...answer,
      ...(began === undefined ? {} : { began }),
      // What it did next may depend on an answer that nobody kept: it cannot ask for the one without the other.
      ...((this.#isMatched && !isClaim) || began?.observed.unrecorded === true || this.#recorded.isUndone(ref, this.#at)
        ? {}
        : { hold: (held, begin, isBusy = never) => this.#hold(held, begin, { isClaim, isBusy }) }),
    };
  }

  /**
   * Its journaled beginning. Where that was the last thing to be asked for, what is held begins once this effect can begin
   * as well: one that is in doubt may end the attempt.
   */
  #begun(ref: EffectRef): BeginEntry | undefined {
    const wasMatched = this.#isMatched;
    const began = this.#recorded.takeBegun(ref);
    this.#isReleasing ||= !wasMatched && this.#isMatched;
    return began;
  }

  /** Of what the attempt had not got. */
  #answerNew(ref: EffectRef, kept: AnsweredBefore | undefined): Answer {
    if (kept !== undefined) return kept;
    if (this.#recorded.isLost(ref)) return { kind: 'silent' };
    const isClaim = this.#open.isElsewhere(ref, this.#recorded);
    return (isClaim ? undefined : this.#open.fromPool(ref, this.#at)) ?? this.#inner.answer(ref);
  }

  /** Found without its body, which is compared once it is whole. */
  #answerUnfinished(recorded: EffectEntry, asked: EffectRef): Answer {
    if (this.#recorded.isAskedAgain) this.#release();
    const compare = (request: Value): void => {
      if (this.#setup.force || isUnfinished(recorded.request) || sameValue(request, recorded.request)) return;
      this.#diverge({ asked: { ...asked, request } });
    };
    return { kind: 'answered', outcome: recorded.outcome, facts: factsOf(recorded), as: refOf(recorded), compare };
  }

  readPast(ref: EffectRef): Error | undefined {
    const lost = bodyLost(this.#at, this.#recorded, ref);
    if (lost !== undefined) this.#setup.diverged(lost);
    return lost;
  }

  /** Until it has asked for everything again, it has to know what a request asks for before any of it leaves. */
  get asksFirst(): boolean {
    return !this.#isMatched || this.#open.hasExchanges;
  }

  run(node: () => unknown): unknown {
    const result = this.#recorded.outcome?.result;
    return result === undefined ? this.#inner.run(node) : returnedBefore(result);
  }

  settle(result: AttemptResult): AttemptResult | undefined {
    const recorded = this.#recorded.outcome?.result;
    if (recorded !== undefined) return recorded;
    // What it has not asked for now it never will.
    this.#open.give(this.#recorded);
    // A timeout may come before everything has been asked for again.
    if (!this.#isMatched && result.status !== 'timeout') {
      this.#diverge({ result });
      return undefined;
    }
    return this.#inner.settle(result);
  }

  watch(timeoutMs: number, expire: () => void): () => void {
    return this.#recorded.outcome === undefined ? this.#inner.watch(timeoutMs, expire) : () => undefined;
  }

  get #isMatched(): boolean {
    if (this.#isReleasing) return false;
    if (this.#setup.force || this.resumed !== undefined || this.#isMadeElsewhere) return true;
    return this.#recorded.isAskedAgain;
  }

  #hold(ref: EffectRef, begin: Held['begin'], { isClaim, isBusy }: HoldReasons): () => void {
    const held: Held = { ref, begin };
    this.#held.add(held);
    if (this.#isReleasing) queueMicrotask(() => this.#isReleasing && this.#release());
    this.#rest ??= new RestWatch(this.#setup.clock, this.#resting(isBusy));
    this.#rest.begin();
    if (isClaim) held.endClaim = this.#open.claim(this.#claimOf(held));
    return () => {
      this.#letGo(held);
      if (this.#held.size === 0) this.#stopWatching();
    };
  }

  #claimOf(held: Held): Claim {
    return {
      ref: held.ref,
      give: (answer) => {
        this.#letGo(held);
        held.begin(answer);
      },
      withdraw: () => {
        held.endClaim = undefined;
        if (!this.#isMatched) return;
        this.#letGo(held);
        held.begin();
      },
    };
  }

  #letGo(held: Held): void {
    this.#held.delete(held);
    held.endClaim?.();
    held.endClaim = undefined;
  }

  /** The step is idle if its attempts have asked for nothing for a while, and this one waits for no timer. */
  #resting(isBusy: () => boolean): Resting {
    const open = this.#open;
    return {
      get activity() {
        return open.rest.activity;
      },
      rests: () => {
        open.give();
        return isBusy() ? 'busy' : 'idle';
      },
      atRest: () => {
        const [first] = this.#held;
        if (first !== undefined && !this.#isMatched) this.#diverge({ asked: first.ref });
      },
    };
  }

  #stopWatching(): void {
    this.#rest?.end();
    this.#rest = undefined;
  }

  #release(): void {
    this.#isReleasing = false;
    const kept = this.#kept;
    this.#kept = [];
    for (const journal of kept) journal();
    const held = [...this.#held].filter(({ endClaim }) => endClaim === undefined);
    for (const each of held) this.#letGo(each);
    if (this.#held.size === 0) this.#stopWatching();
    for (const { begin } of held) begin();
  }

  #diverge(instead: DoneInstead): void {
    this.#setup.diverged(resumeDiverged(this.#at, this.#recorded, instead));
  }
}
