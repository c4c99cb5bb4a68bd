// One step of a journal, indexed by attempt. Replays and resumed runs are answered from it.
import { atOnce, inPieces } from '../../base/in-pieces.ts';
import type { CommitEntry, EffectEntry, EffectRef, Entry, PooledEntry } from '../entry.ts';
import {
  attemptKey,
  attemptOfCleanUp,
  cleanUpNumber,
  isCleanUpKey,
  rankOfTask,
  stepOfTask,
  taskOfAttempt,
} from '../key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../key.ts';
import { AttemptIndex, attemptNotes } from './attempt-index.ts';
import { ExchangeFinder } from './exchange-finder.ts';

export class StepIndex {
  readonly entries: readonly Entry[];
  /** What was observed beside them, if it is kept apart. */
  readonly beside: readonly Entry[];
  readonly #attempts = new Map<string, AttemptIndex>();
  readonly #commits: Map<string, CommitEntry>;
  readonly #cleanUpCounts: Map<string, number>;
  readonly #ended = new Map<TaskKey, readonly AttemptIndex[]>();
  #exchanges: ExchangeFinder<EffectEntry> | undefined;
  /** The index that this one was made of. Its attempts are taken over when they are asked for. */
  readonly #origin: StepIndex | undefined;

  private constructor(entries: readonly Entry[], beside: readonly Entry[], origin?: StepIndex) {
    this.entries = entries;
    this.beside = beside;
    this.#origin = origin;
    this.#commits = origin === undefined ? new Map<string, CommitEntry>() : origin.#commits;
    this.#cleanUpCounts = origin === undefined ? new Map<string, number>() : origin.#cleanUpCounts;
  }

  static of(entries: readonly Entry[], beside: readonly Entry[] = []): StepIndex {
    return atOnce(StepIndex.inPieces(entries, beside));
  }

  static *inPieces(entries: readonly Entry[], beside: readonly Entry[] = []): Generator<undefined, StepIndex> {
    const index = new StepIndex(entries, beside);
    yield* inPieces(entries, (entry) => index.#add(entry));
    yield* inPieces(beside, (entry) => index.#add(entry));
    return index;
  }

  /** The same step, with everything still to be asked for. */
  again(): StepIndex {
    return new StepIndex(this.entries, this.beside, this);
  }

  #add(entry: Entry): void {
    if (entry.kind === 'run' || entry.kind === 'end' || entry.kind === 'edit') return;
    if (entry.kind === 'note' && entry.voids === undefined && !attemptNotes.includes(entry.what)) return;
    if (entry.kind !== 'commit') this.#attemptOf(entry.at).add(entry);
    else {
      this.#commits.set(entry.at, entry);
      const end = entry.at.lastIndexOf('/');
      if (end > 0) this.#attemptOf(entry.at.slice(0, end)).hasInner = true;
    }
  }

  /** An equal exchange of any attempt that nothing has asked for yet, in recorded order. */
  findExchange(ref: EffectRef, mayGive: (attempt: AttemptIndex) => boolean = () => true): EffectEntry | undefined {
    if (ref.type !== 'http') return undefined;
    this.#exchanges ??= new ExchangeFinder(this.#all.flatMap(({ effects }) => effects));
    return this.#exchanges.find(ref, (effect) => {
      const attempt = this.#attemptOf(effect.at);
      return !attempt.isUsed(effect) && mayGive(attempt);
    });
  }

  moveAway(effect: EffectEntry): void {
    this.#attemptOf(effect.at).moveAway(effect);
  }

  get pooled(): readonly PooledEntry[] {
    return this.#all.flatMap(({ pooled }) => pooled);
  }

  get #all(): readonly AttemptIndex[] {
    return [...(this.#origin ?? this).#attempts.values()];
  }

  attempt(at: string): AttemptIndex | undefined {
    const known = this.#attempts.get(at);
    if (known !== undefined || this.#origin === undefined) return known;
    const again = this.#origin.attempt(at)?.again();
    if (again !== undefined) this.#attempts.set(at, again);
    return again;
  }

  /** The attempts of a task that have outcomes, for what the journal says of them. */
  ended(task: TaskKey): readonly AttemptIndex[] {
    if (this.#origin !== undefined) return this.#origin.ended(task);
    const known = this.#ended.get(task);
    if (known !== undefined) return known;
    const ended: AttemptIndex[] = [];
    for (let number = 1; ; number += 1) {
      const attempt = this.#attempts.get(attemptKey(task, number));
      if (attempt?.outcome === undefined) break;
      ended.push(attempt);
    }
    this.#ended.set(task, ended);
    return ended;
  }

  /** How many functions of an attempt did something to clean up, those before them included. */
  cleanUpCount(at: AttemptKey): number {
    return this.#cleanUpCounts.get(at) ?? 0;
  }

  commit(at: StepKey): CommitEntry | undefined {
    return this.#commits.get(at);
  }

  /** For a step that was not committed: the highest rank that was recorded, which is the failing one. */
  lastRankIfFailed(at: StepKey): number | undefined {
    if (this.#commits.has(at)) return undefined;
    // No spread into `Math.max`: a step may have more tasks than a call may have arguments.
    let last: number | undefined;
    for (const entry of this.entries) {
      if (entry.kind !== 'outcome' || stepOfTask(taskOfAttempt(entry.at)) !== at) continue;
      last = Math.max(last ?? 0, rankOfTask(taskOfAttempt(entry.at)));
    }
    return last;
  }

  #countCleanUp(at: AttemptKey): void {
    const attempt = attemptOfCleanUp(at);
    const count = cleanUpNumber(at, attempt) + 1;
    this.#cleanUpCounts.set(attempt, Math.max(this.#cleanUpCounts.get(attempt) ?? 0, count));
  }

  #attemptOf(at: string): AttemptIndex {
    let attempt = this.attempt(at);
    if (attempt === undefined) {
      attempt = new AttemptIndex();
      this.#attempts.set(at, attempt);
      if (isCleanUpKey(at)) this.#countCleanUp(at as AttemptKey);
    }
    return attempt;
  }
}
