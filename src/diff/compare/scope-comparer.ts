// Compares one scope of two runs, step by step: the run itself, or the inner runs of two subgraph attempts.
//   Owns:         which task is compared with which, and the order of the divergences.
//   Not its job:  how the run ends (run-comparer), the results of steps (commit-comparer).
//   S1. Divergences are in the canonical order of the recorded run: by step, rank and attempt, then those of the step. Only
//       between two recorded runs are those of the effects of one attempt in the order in which it asked for them.
//   S2. A divergence of an attempt follows from a known difference in what the attempt was given, if there is one.
//   S3. A task aborted because its step failed at a lower rank is not canonical, so its absence is not a divergence.
import { atOnce, inPieces } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import type { AttemptResult, CommitEntry, OutcomeEntry, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, cleanUpKey, cleanUpNumber, rankOfTask, stepOfTask, taskKey } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import { noneLost } from '../../journal/step/race.ts';
import { stacksOf } from '../../journal/error/stacks.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import { askedFirst } from './asked-first.ts';
import { CommitComparer } from './commit-comparer.ts';
import { compareChunks, compareEvents, compareResults, fieldDifferences, noView } from './compare-attempt.ts';
import { compareEffects } from './compare-effects.ts';
import type { EffectDifference } from './compare-effects.ts';
import { compareTasks } from './compare-tasks.ts';
import { doubtedEffect } from './doubted-effect.ts';
import type { AttemptView } from './compare-attempt.ts';
import type { Comparing, Indexes, ReplayFacts } from './comparing.ts';
import type { Found } from '../divergence.ts';
import { pairInPieces } from './pair-tasks.ts';
import { withoutGoneFields } from '../value/shared-fields.ts';
import { ScopeFold } from './scope-fold.ts';

interface Side {
  readonly at: AttemptKey;
  readonly view: AttemptView;
}

/** A task of the step, and what is known about it before it is compared. */
interface TaskPlace {
  readonly recorded: TaskKey;
  readonly replayed: TaskKey;
  readonly node: string;
  readonly isRecordedCut: boolean;
  readonly isReplayedCut: boolean;
  readonly cause: number | undefined;
}

/** The differences between the effects of an attempt, and what is known of their cause. */
interface EffectsFound {
  readonly effects: readonly EffectDifference[];
  readonly from: number;
  readonly cause: number | undefined;
}

export class ScopeComparer {
  readonly #comparing: Comparing;
  readonly #recorded: ScopeFold;
  readonly #replayed: ScopeFold;
  readonly #commits: CommitComparer;
  /** The divergence in what the scope itself was started with. */
  readonly #outerCause: number | undefined;

  constructor(comparing: Comparing, recorded: ScopeFold, replayed: ScopeFold, outerCause?: number) {
    this.#comparing = comparing;
    this.#recorded = recorded;
    this.#replayed = replayed;
    this.#commits = new CommitComparer(comparing, recorded, replayed);
    this.#outerCause = outerCause;
  }

  get standingCause(): number | undefined {
    return this.#commits.standingCause;
  }

  /** The state was changed from outside after a commit, and not in the same way in both runs. */
  edited(at: StepKey): void {
    this.#commits.edited(at);
  }

  /** The next step is the same in both runs, whose states may differ. */
  pass(commit: CommitEntry, deltas: readonly Value[]): void {
    this.#commits.pass(commit, deltas);
  }

  /** Compares the next step. If both runs committed it, advances past it and returns true. */
  step(indexes: Indexes): boolean {
    return atOnce(this.stepInPieces(indexes));
  }

  *stepInPieces(indexes: Indexes): Generator<undefined, boolean> {
    const { log } = this.#comparing;
    const from = log.length;
    const left = this.#recorded.commitIn(indexes.recorded);
    const right = this.#replayed.commitIn(indexes.replayed);
    if (this.#recorded.step > 0) yield* this.#tasks(indexes, left === undefined, right === undefined);
    if (left === undefined || right === undefined) return false;
    if (this.#recorded.step === 0)
      log.add(
        { at: this.#recorded.at },
        fieldDifferences('output', this.#today(left.input), right.input, 'input'),
        this.#outerCause,
      );
    yield* this.#commits.add(indexes, left, right, from);
    return true;
  }

  *#tasks(indexes: Indexes, isRecordedCut: boolean, isReplayedCut: boolean): Generator<undefined, void> {
    const pairs = yield* pairInPieces(this.#recorded.frontier, this.#replayed.frontier);
    yield* inPieces(pairs, (pair) => {
      if (pair.recorded === undefined || pair.replayed === undefined) return;
      this.#task(indexes, {
        recorded: taskKey(this.#recorded.at, pair.recorded),
        replayed: taskKey(this.#replayed.at, pair.replayed),
        node: (this.#recorded.frontier[pair.recorded] as TaskSpec).node,
        isRecordedCut,
        isReplayedCut,
        cause: this.#commits.causeOfTask(pair.recorded),
      });
    });
  }

  #task(indexes: Indexes, task: TaskPlace): void {
    const { log, facts } = this.#comparing;
    const { node } = task;
    const from = log.length;
    for (let number = 1; ; number += 1) {
      const at = attemptKey(task.recorded, number);
      const replayedAt = attemptKey(task.replayed, number);
      const left = withoutMoved(viewOf(indexes.recorded, at), facts);
      const right = viewOf(indexes.replayed, replayedAt, facts);
      if (left === undefined && right === undefined) return;
      if (number === 1) log.counts.tasks += 1;
      log.counts.attempts += 1;
      if (left === undefined || right === undefined) {
        const isAborted = left === undefined ? task.isRecordedCut : task.isReplayedCut;
        if (number === 1 && !isAborted)
          log.add({ at, node }, compareResults(left?.result, right?.result, right?.stack), task.cause);
        // What the attempts before it came to may show already that only one side made a further one.
        else if (number > 1 && log.length === from && isWhole(indexes, task))
          log.add({ at, node }, [attemptsFound(indexes, task)], task.cause);
        return;
      }
      const cause = log.length > from ? from : task.cause;
      if (!facts.gone.has(replayedAt))
        this.#attempt(indexes, { at, view: left }, { at: replayedAt, view: right }, node, cause);
    }
  }

  #attempt(indexes: Indexes, recorded: Side, replayed: Side, node: string, cause: number | undefined): void {
    const { log, options } = this.#comparing;
    const from = log.length;
    const place = { at: recorded.at, node };
    const isWithNodes = options.mode === 'effects';
    const found = isWithNodes ? compareEffects(recorded.at, recorded.view, replayed.view, options.likened) : [];
    const effects = options.isAskedFirst === true ? askedFirst(found, recorded.view, replayed.view) : found;
    const recordedResult = isWithNodes ? recorded.view.result : this.#fedIn(recorded.view.result);
    const results = compareResults(recordedResult, replayed.view.result, replayed.view.stack);
    // What a node threw by itself comes first: what it no longer does follows from that.
    const isThrown =
      isWithNodes &&
      replayed.view.result?.status === 'failed' &&
      !replayed.view.hasInner &&
      effects.every(({ found }) => found.kind === 'unused effect');
    if (isThrown) log.add(place, results, cause);
    const hasThrown = isThrown && results.length > 0;
    this.#count(recorded.view);
    const felt =
      isWithNodes && !hasThrown ? this.#effects(recorded, replayed, node, { effects, from, cause }) : undefined;
    // Nothing is known of what else it did, nor of how it would have ended.
    if (replayed.view.isCut) return;
    const after = log.length;
    const given = felt ?? (hasThrown ? from : cause);
    this.#inner(indexes, recorded.at, replayed.at, node, cause);
    const inner = log.length > after ? (felt ?? after) : given;
    if (isWithNodes) this.#ownTasks(recorded, replayed, node, inner);
    if (isWithNodes)
      this.#cleanUps(indexes, recorded.at, replayed.at, node, log.length > after ? (felt ?? after) : given);
    const own = log.length > after ? (felt ?? (hasThrown ? from : after)) : given;
    if (isWithNodes) {
      log.counts.chunks += recorded.view.chunks.length;
      log.add(place, compareChunks(recorded.view, replayed.view), own);
      log.add(place, compareEvents(recorded.view, replayed.view), own);
    }
    if (!isThrown) log.add(place, results, own);
  }

  #today(value: Value): Value {
    return withoutGoneFields(value, this.#recorded.graph.state, this.#replayed.graph.state);
  }

  /** What no code wrote is fed in as far as it fits today's graph. */
  #fedIn(result: AttemptResult | undefined): AttemptResult | undefined {
    if (result?.status !== 'done' || result.delta === undefined) return result;
    return { ...result, delta: this.#today(result.delta) };
  }

  #count({ effects, events }: AttemptView): void {
    if (this.#comparing.options.mode !== 'effects') return;
    const { counts } = this.#comparing.log;
    counts.effects += effects.length;
    counts.events += events.length;
  }

  /** Returns the place of the first that the node has felt. */
  #effects(recorded: Side, replayed: Side, node: string, { effects, from, cause }: EffectsFound): number | undefined {
    const { log } = this.#comparing;
    // A node that was refused an effect requests nothing more: the effects it left unused follow from that.
    const isStopped = replayed.view.result?.status !== 'done' && recorded.view.result?.status === 'done';
    let felt: number | undefined;
    const answers: { readonly place: number; readonly time: number | undefined }[] = [];
    for (const { found, isFelt, time } of effects) {
      const place = log.length;
      const answer = answers.find(
        (other) => other.time === undefined || time === undefined || other.time <= time,
      )?.place;
      const follows = isStopped && place > from ? from : cause;
      // A different answer to the same request follows from nothing in the run.
      log.add({ at: recorded.at, node }, [found], found.kind === 'answer' ? undefined : (answer ?? follows));
      if (log.length === place) continue;
      if (isFelt) felt ??= place;
      if (found.kind === 'answer') answers.push({ place, time });
    }
    return felt;
  }

  /** What the attempt did to clean up: each function under its number. */
  #cleanUps(
    indexes: Indexes,
    recorded: AttemptKey,
    replayed: AttemptKey,
    node: string,
    cause: number | undefined,
  ): void {
    const { log, facts } = this.#comparing;
    const count = Math.max(
      indexes.recorded.cleanUpCount(recorded),
      indexes.replayed.cleanUpCount(replayed),
      ...[...facts.missing.keys()].map((at) => cleanUpNumber(at, replayed) + 1),
    );
    for (let number = 0; number < count; number += 1) {
      const at = cleanUpKey(recorded, number);
      const replayedAt = cleanUpKey(replayed, number);
      const left = withoutMoved(viewOf(indexes.recorded, at), facts) ?? noView;
      const right = viewOf(indexes.replayed, replayedAt, facts) ?? noView;
      log.counts.effects += left.effects.length;
      log.add(
        { at, node },
        compareEffects(at, left, right, this.#comparing.options.likened).map(({ found }) => found),
        cause,
      );
      this.#ownTasks({ at, view: left }, { at: replayedAt, view: right }, node, cause);
    }
  }

  /** A task that ended differently may have made those around it do so. */
  #ownTasks(recorded: Side, replayed: Side, node: string, cause: number | undefined): void {
    const { log } = this.#comparing;
    const place = { at: recorded.at, node };
    const [first, ...others] = compareTasks(recorded.view, replayed.view);
    if (first === undefined) return;
    const root = cause ?? log.length;
    log.add(place, [first], cause);
    log.add(place, others, root);
  }

  #inner(indexes: Indexes, recorded: AttemptKey, replayed: AttemptKey, node: string, cause: number | undefined): void {
    const left = innerFold(this.#recorded, indexes.recorded, recorded, node);
    const right = innerFold(this.#replayed, indexes.replayed, replayed, node);
    if (left === undefined || right === undefined) return;
    const inner = new ScopeComparer(this.#comparing, left, right, cause);
    while (inner.step(indexes));
  }
}

/** Whether all attempts of a task are canonical on both sides. */
function isWhole({ recorded, replayed }: Indexes, task: TaskPlace): boolean {
  const isWholeIn = (index: StepIndex, own: TaskKey): boolean => {
    if (index.commit(stepOfTask(own)) !== undefined) return true;
    const { end } = index.entries.find((entry) => entry.kind === 'end') ?? {};
    return (
      end?.status === 'failed' &&
      end.task !== undefined &&
      !own.includes('/') &&
      rankOfTask(own) <= rankOfTask(end.task)
    );
  };
  return isWholeIn(recorded, task.recorded) && isWholeIn(replayed, task.replayed);
}

function attemptsFound({ recorded, replayed }: Indexes, task: TaskPlace): Found {
  const countIn = (index: StepIndex, own: TaskKey): number => {
    let count = 0;
    while (index.attempt(attemptKey(own, count + 1)) !== undefined) count += 1;
    return count;
  };
  const [before, now] = [countIn(recorded, task.recorded), countIn(replayed, task.replayed)];
  return { kind: 'error', path: 'attempts', recorded: before, replayed: now };
}

/** The inner run of an attempt, if it has one. */
function innerFold(outer: ScopeFold, index: StepIndex, at: AttemptKey, node: string): ScopeFold | undefined {
  if (index.attempt(at)?.hasInner !== true) return undefined;
  const graph = outer.graph.nodes.find((candidate) => candidate.name === node)?.subgraph;
  return graph === undefined ? undefined : new ScopeFold(at, graph);
}

function withoutMoved(view: AttemptView | undefined, { moved }: ReplayFacts): AttemptView | undefined {
  if (view === undefined || moved.size === 0) return view;
  return { ...view, effects: view.effects.filter((effect) => !moved.has(effect)) };
}

function viewOf(index: StepIndex, at: AttemptKey, facts?: ReplayFacts): AttemptView | undefined {
  const attempt = index.attempt(at);
  const missing = facts?.missing.get(at) ?? [];
  if (attempt === undefined && missing.length === 0) return undefined;
  const doubted = doubtedEffect(index, at, attempt?.outcome?.result);
  return {
    effects: missing.length === 0 ? (attempt?.effects ?? []) : [...(attempt?.effects ?? []), ...missing],
    unanswered: facts?.unanswered.get(at) ?? [],
    answered: facts?.answered ?? noView.answered,
    isCut: attempt === undefined,
    ...(doubted === undefined ? {} : { doubted }),
    lost: attempt?.lost ?? noneLost,
    chunks: attempt?.chunks?.deltas ?? [],
    events: attempt?.events ?? [],
    tasks: attempt?.tasks ?? [],
    result: facts?.results.get(at) ?? attempt?.outcome?.result,
    readPast: facts?.readPast.get(at) ?? [],
    isRestarted: attempt?.restart !== undefined,
    hasInner: attempt?.hasInner === true,
    stack: stackOf(attempt?.outcome, facts?.results.get(at)),
  };
}

/** The frames of the error that an attempt failed with. `actual`: its own result, where that of `outcome` was taken instead. */
function stackOf(outcome: OutcomeEntry | undefined, actual: AttemptResult | undefined): string | undefined {
  if (actual === undefined) return outcome?.observed.stacks?.[0];
  return actual.status === 'failed' ? stacksOf(actual.error)?.[0] : undefined;
}
