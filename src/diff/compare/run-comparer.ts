// Compares two runs step by step.
import { sameValue } from '../../base/equal.ts';
import { atOnce } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import type { EditEntry, Entry } from '../../journal/entry.ts';
import { sameEntry } from '../../journal/entry-identity.ts';
import { rankOfTask, stepKey } from '../../journal/key.ts';
import type { TaskKey } from '../../journal/key.ts';
import { isOwnStop } from '../../journal/run/own-stop.ts';
import { StepIndex } from '../../journal/step/step-index.ts';
import { compareEnds } from './compare-end.ts';
import type { StepEnd } from './compare-end.ts';
import type { CompareOptions, Comparing, ReplayFacts } from './comparing.ts';
import { DivergenceLog } from '../divergence-log.ts';
import type { ComparedCounts, Place } from '../divergence-log.ts';
import type { Divergence } from '../divergence.ts';
import { ScopeComparer } from './scope-comparer.ts';
import { ScopeFold } from './scope-fold.ts';

export type { ComparedCounts } from '../divergence-log.ts';

export const noFacts: ReplayFacts = {
  missing: new Map(),
  answered: new Set(),
  unanswered: new Map(),
  readPast: new Map(),
  moved: new Set(),
  results: new Map(),
  gone: new Set(),
  steps: new Map(),
};

interface Scopes {
  readonly recorded: ScopeFold;
  readonly replayed: ScopeFold;
  readonly comparer: ScopeComparer;
  /** Whether both graphs describe the state in the same way. */
  readonly isAlike: boolean;
}

export class RunComparer {
  readonly #comparing: Comparing;
  readonly #log: DivergenceLog;
  #scopes: Scopes | undefined;
  /** One of the runs has ended, so there is nothing more to compare. */
  #isOver = false;

  constructor(options: CompareOptions, facts: ReplayFacts = noFacts) {
    this.#log = new DivergenceLog(options.kinds);
    this.#comparing = { options, facts, log: this.#log };
  }

  /** In the canonical order of the recorded run. */
  get divergences(): readonly Divergence[] {
    return this.#log.divergences;
  }

  /** How many divergences are of kinds that do not count. */
  get leftOut(): number {
    return this.#log.leftOut;
  }

  get firstLeftOut(): string | undefined {
    return this.#log.firstLeftOut;
  }

  get counts(): ComparedCounts {
    return { ...this.#log.counts };
  }

  /** Compares the next step of both runs, given its canonical entries, and returns the divergences in it. */
  add(recorded: readonly Entry[], replayed: readonly Entry[]): readonly Divergence[] {
    return atOnce(this.addInPieces(recorded, replayed));
  }

  *addInPieces(recorded: readonly Entry[], replayed: readonly Entry[]): Generator<undefined, readonly Divergence[]> {
    const from = this.#log.length;
    this.#edit(recorded, replayed);
    if (!this.#isOver && !this.#pass(recorded, replayed)) yield* this.#step(recorded, replayed, from);
    this.#log.step += 1;
    return this.#log.divergences.slice(from);
  }

  #edit(recorded: readonly Entry[], replayed: readonly Entry[]): void {
    const [left, right] = [
      recorded.filter((entry) => entry.kind === 'edit'),
      replayed.filter((entry) => entry.kind === 'edit'),
    ];
    for (const edit of left) this.#scopes?.recorded.edit(edit);
    for (const edit of right) this.#scopes?.replayed.edit(edit);
    const isSame =
      left.length === right.length && left.every((edit, place) => sameEntry(edit, right[place] as EditEntry));
    if (!isSame) this.#scopes?.comparer.edited((left[0] ?? (right[0] as EditEntry)).at);
  }

  /**
   * Passes over a step whose tasks did the same in both runs. This is the fast path: it takes nearly every step of nearly
   * every replay.
   */
  #pass(recorded: readonly Entry[], replayed: readonly Entry[]): boolean {
    const scopes = this.#scopes;
    if (scopes === undefined || !scopes.isAlike || this.#hasFacts) return false;
    const commit = recorded.at(-1);
    if (commit?.kind !== 'commit' || recorded.length !== replayed.length) return false;
    // Steps with inner runs are compared in full, since inner attempts may be cut short where others are not.
    for (let place = 0; place < recorded.length; place += 1) {
      const entry = recorded[place] as Entry;
      if (entry.at.includes('/') || !sameEntry(entry, replayed[place] as Entry)) return false;
    }
    const isFirst = this.#log.length === 0;
    if (!isFirst && !sameFrontier(scopes)) return false;
    const { counts } = this.#log;
    const isWithNodes = this.#comparing.options.mode === 'effects';
    counts.steps += 1;
    counts.tasks += scopes.recorded.frontier.length;
    const deltas: Value[] = [];
    for (const entry of recorded) {
      if (entry.kind === 'outcome') {
        counts.attempts += 1;
        // An attempt that is done is the last of its task.
        if (entry.result.status === 'done' && entry.result.delta !== undefined) deltas.push(entry.result.delta);
      } else if (isWithNodes && entry.kind === 'effect') counts.effects += 1;
      else if (isWithNodes && entry.kind === 'event') counts.events += 1;
      else if (isWithNodes && entry.kind === 'chunk') counts.chunks += entry.deltas.length;
    }
    if (isFirst) {
      scopes.recorded.pass(commit, deltas);
      scopes.replayed.pass(commit, deltas);
    } else scopes.comparer.pass(commit, deltas);
    return true;
  }

  get #hasFacts(): boolean {
    const { missing, readPast, results, gone, steps } = this.#comparing.facts;
    return missing.size > 0 || readPast.size > 0 || results.size > 0 || gone.size > 0 || steps.size > 0;
  }

  *#step(recorded: readonly Entry[], replayed: readonly Entry[], from: number): Generator<undefined, void> {
    this.#scopes ??= this.#begin(recorded, replayed);
    if (this.#scopes === undefined) return;
    const indexes = {
      recorded: yield* StepIndex.inPieces(recorded),
      replayed: yield* StepIndex.inPieces(replayed),
    };
    const left = endOf(recorded, indexes.recorded, this.#scopes.recorded);
    const right = endOf(replayed, indexes.replayed, this.#scopes.replayed);
    if (left === undefined || right === undefined) return;
    if (right !== 'committed' && isOwnStop(right)) {
      this.#isOver = true;
      return;
    }
    if (left === 'committed' && this.#log.step > 0) this.#log.counts.steps += 1;
    this.#isOver = !(yield* this.#scopes.comparer.stepInPieces(indexes));
    this.#end(left, right, from);
  }

  #begin(recorded: readonly Entry[], replayed: readonly Entry[]): Scopes | undefined {
    const left = recorded.find((entry) => entry.kind === 'run');
    const right = replayed.find((entry) => entry.kind === 'run');
    if (left === undefined || right === undefined) return undefined;
    const folds = { recorded: new ScopeFold('', left.graph), replayed: new ScopeFold('', right.graph) };
    const isAlike = sameValue(left.graph.state as unknown as Value, right.graph.state as unknown as Value);
    return { ...folds, isAlike, comparer: new ScopeComparer(this.#comparing, folds.recorded, folds.replayed) };
  }

  #end(left: StepEnd, right: StepEnd, from: number): void {
    // One run is done where the other committed a step: their frontiers differed, which was reported already.
    if ((isDone(left) && right === 'committed') || (isDone(right) && left === 'committed')) return;
    const found = compareEnds(left, right);
    if (found === undefined) return;
    // A replay runs a failed step up to the rank that failed and ends there; it was not cancelled.
    const isOutlived = this.#comparing.facts !== noFacts && isFailed(left) && !isFailed(right) && right !== 'committed';
    const replayed = isOutlived ? 'did not fail there' : found.replayed;
    const cause =
      this.#log.find(from, ({ kind }) => kind === 'error') ??
      (this.#log.length > from ? from : this.#scopes?.comparer.standingCause);
    this.#log.add(this.#placeOf(left, right), [{ ...found, replayed }], cause);
  }

  /** Where a run ended: at the task to blame, or else at the step. */
  #placeOf(left: StepEnd, right: StepEnd): Place {
    const task = taskOf(left) ?? taskOf(right);
    if (task === undefined) return { at: stepKey('', this.#log.step) };
    const frontier = (taskOf(left) === undefined ? this.#scopes?.replayed : this.#scopes?.recorded)?.frontier;
    const node = frontier?.[rankOfTask(task)]?.node;
    return { at: task, ...(node === undefined ? {} : { node }) };
  }
}

function sameFrontier({ recorded, replayed }: Scopes): boolean {
  return sameValue(recorded.frontier as unknown as Value, replayed.frontier as unknown as Value);
}

function endOf(entries: readonly Entry[], index: StepIndex, fold: ScopeFold): StepEnd | undefined {
  return fold.commitIn(index) === undefined ? entries.find((entry) => entry.kind === 'end')?.end : 'committed';
}

function isDone(end: StepEnd): boolean {
  return end !== 'committed' && end.status === 'done';
}

function isFailed(end: StepEnd): boolean {
  return end !== 'committed' && end.status === 'failed';
}

function taskOf(end: StepEnd): TaskKey | undefined {
  return end !== 'committed' && end.status === 'failed' ? end.task : undefined;
}
