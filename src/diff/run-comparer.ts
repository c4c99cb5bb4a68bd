// Compares two runs, given step by step.
import type { EndEntry, Entry, RunEntry } from '../journal/entry.ts';
import { rankOfTask, stepKey } from '../journal/key.ts';
import type { TaskKey } from '../journal/key.ts';
import { StepIndex } from '../journal/step-index.ts';
import { compareEnds } from './compare-end.ts';
import type { StepEnd } from './compare-end.ts';
import type { CompareOptions, Comparing, ReplayFacts } from './comparing.ts';
import { DivergenceLog } from './divergence-log.ts';
import type { ComparedCounts, Place } from './divergence-log.ts';
import type { Divergence } from './divergence.ts';
import { ScopeComparer } from './scope-comparer.ts';
import { ScopeFold } from './scope-fold.ts';

export type { ComparedCounts } from './divergence-log.ts';

const noFacts: ReplayFacts = { missing: new Map(), results: new Map(), steps: new Map() };

export class RunComparer {
  readonly #comparing: Comparing;
  readonly #log = new DivergenceLog();
  #scopes: { readonly recorded: ScopeFold; readonly replayed: ScopeFold; readonly comparer: ScopeComparer } | undefined;
  /** One of the runs went on where the other ended: there is nothing more to compare. */
  #isOver = false;

  constructor(options: CompareOptions, facts: ReplayFacts = noFacts) {
    this.#comparing = { options, facts, log: this.#log };
  }

  /** In canonical order of the recorded run. */
  get divergences(): readonly Divergence[] {
    return this.#log.divergences;
  }

  get counts(): ComparedCounts {
    return { ...this.#log.counts };
  }

  /** Takes the canonical entries of the next step of both runs. Gives what was found in it. */
  add(recorded: readonly Entry[], replayed: readonly Entry[]): readonly Divergence[] {
    const from = this.#log.length;
    if (!this.#isOver) this.#step(recorded, replayed, from);
    this.#log.step += 1;
    return this.#log.divergences.slice(from);
  }

  #step(recorded: readonly Entry[], replayed: readonly Entry[], from: number): void {
    this.#scopes ??= this.#begin(recorded, replayed);
    if (this.#scopes === undefined) return;
    const indexes = { recorded: new StepIndex(recorded), replayed: new StepIndex(replayed) };
    const left = endOf(recorded, indexes.recorded, this.#scopes.recorded);
    const right = endOf(replayed, indexes.replayed, this.#scopes.replayed);
    if (left === undefined || right === undefined) return;
    if (left === 'committed' && this.#log.step > 0) this.#log.counts.steps += 1;
    this.#isOver = !this.#scopes.comparer.step(indexes);
    this.#end(left, right, from);
  }

  #begin(
    recorded: readonly Entry[],
    replayed: readonly Entry[],
  ): { recorded: ScopeFold; replayed: ScopeFold; comparer: ScopeComparer } | undefined {
    const left = recorded.find(isRun);
    const right = replayed.find(isRun);
    if (left === undefined || right === undefined) return undefined;
    const folds = { recorded: new ScopeFold('', left.graph), replayed: new ScopeFold('', right.graph) };
    return { ...folds, comparer: new ScopeComparer(this.#comparing, folds.recorded, folds.replayed) };
  }

  #end(left: StepEnd, right: StepEnd, from: number): void {
    // A run that had nothing left to do where the other went on: what was to run next differed, and was reported.
    if ((isDone(left) && right === 'committed') || (isDone(right) && left === 'committed')) return;
    const found = compareEnds(left, right);
    if (found === undefined) return;
    // A replay runs a failed step up to the rank that failed, and ends there: nobody cancelled it.
    const isOutlived = this.#comparing.facts !== noFacts && isFailed(left) && !isFailed(right) && right !== 'committed';
    const replayed = isOutlived ? 'did not fail there' : found.replayed;
    const cause =
      this.#log.find(from, ({ kind }) => kind === 'error') ??
      (this.#log.length > from ? from : this.#scopes?.comparer.standingCause);
    this.#log.add(this.#placeOf(left, right), [{ ...found, replayed }], cause);
  }

  /** Where a run ended: with the task to blame, or with the step. */
  #placeOf(left: StepEnd, right: StepEnd): Place {
    const task = taskOf(left) ?? taskOf(right);
    if (task === undefined) return { at: stepKey('', this.#log.step) };
    const frontier = (taskOf(left) === undefined ? this.#scopes?.replayed : this.#scopes?.recorded)?.frontier;
    const node = frontier?.[rankOfTask(task)]?.node;
    return { at: task, ...(node === undefined ? {} : { node }) };
  }
}

function isRun(entry: Entry): entry is RunEntry {
  return entry.kind === 'run';
}

function isEnd(entry: Entry): entry is EndEntry {
  return entry.kind === 'end';
}

function endOf(entries: readonly Entry[], index: StepIndex, fold: ScopeFold): StepEnd | undefined {
  return fold.commitIn(index) === undefined ? entries.find(isEnd)?.end : 'committed';
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
