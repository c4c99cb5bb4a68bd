// Folds a run from its journal, without user code: the state and frontier after every commit, and the step that is open.
// Everything that shows, compares or resumes a stored run starts here.
import type { Value } from '../../base/value.ts';
import type { RunCheckpoint } from '../run/checkpoint.ts';
import { damagedState } from './fold-fault.ts';
import { isBeside } from '../entry.ts';
import type { AttemptResult, CommitEntry, Entry, JoinArrivals, RunEnd, RunEntry, TaskSpec } from '../entry.ts';
import type { GraphDescription } from '../description.ts';
import { mendedJoins } from '../step/mended-joins.ts';
import { ranNodes } from '../run/breakpoints.ts';
import { attemptNumber, rankOfTask, taskOfAttempt } from '../key.ts';
import type { TaskKey } from '../key.ts';
import { StateFold } from './state-fold.ts';

export class RunFold {
  run: RunEntry | undefined;
  frontier: readonly TaskSpec[] = [];
  joins: JoinArrivals | undefined;
  /** The nodes of the last committed step, if the run may pause after some. */
  ran: readonly string[] | undefined;
  /** The last committed step of the run itself. */
  step = -1;
  end: RunEnd | undefined;
  /** Tasks that were still running when the run ended. */
  detached: readonly TaskKey[] = [];
  /** The entries after the last commit. */
  openStep: Entry[] = [];
  #states: StateFold | undefined;
  readonly #results = new Map<TaskKey, { readonly attempt: number; readonly result: AttemptResult }>();

  /** The state after the last commit, and after any edit that follows it. */
  get state(): Value {
    return this.#states?.state;
  }

  /** Gives the same, as it is now, whenever it is asked for. */
  stateLater(): () => Value {
    return this.#states?.later() ?? (() => undefined);
  }

  /** Starts from a checkpoint: the next entry to add is the one after its commit. */
  restore({ run, step, state, frontier, joins, ran }: RunCheckpoint): void {
    this.run = run;
    this.#states = new StateFold(run.graph.state, state);
    this.step = step;
    this.frontier = frontier;
    this.joins = joins;
    this.ran = ran;
  }

  add(entry: Entry): void {
    // An entry after the end: the failed run was resumed. What is observed beside may still come after it.
    if (this.end !== undefined && entry.kind !== 'end' && !isBeside(entry)) this.end = undefined;
    switch (entry.kind) {
      case 'run':
        this.run = entry;
        this.#states = new StateFold(entry.graph.state);
        return;
      case 'end':
        this.end = entry.end;
        this.detached = entry.observed.detached ?? [];
        return;
      case 'edit':
        this.#states?.edit(entry);
        if (entry.graph !== undefined && entry.fingerprint !== undefined) this.#upgrade(entry.graph, entry.fingerprint);
        if (entry.seed !== undefined && this.run !== undefined) this.run = { ...this.run, seed: entry.seed };
        break;
      case 'note':
        if (entry.observed.terms !== undefined && this.run !== undefined)
          this.run = { ...this.run, observed: { ...this.run.observed, terms: entry.observed.terms } };
        break;
      case 'commit':
        if (!entry.at.includes('/')) {
          this.#commit(entry);
          return;
        }
        break;
      case 'outcome':
        if (!entry.at.includes('/')) this.#outcome(taskOfAttempt(entry.at), attemptNumber(entry.at), entry.result);
        break;
      default:
        break;
    }
    this.openStep.push(entry);
  }

  #upgrade(graph: GraphDescription, fingerprint: string): void {
    const { run, frontier, joins } = this;
    if (run === undefined) return;
    // It was stuck: a run that has something to run keeps its joins.
    if (frontier.length === 0 && joins !== undefined) {
      const mended = mendedJoins(run.graph, graph, joins);
      this.frontier = mended.frontier;
      this.joins = mended.joins;
    }
    this.run = { ...run, graph, fingerprint };
  }

  #outcome(task: TaskKey, attempt: number, result: AttemptResult): void {
    const known = this.#results.get(task);
    if (known === undefined || known.attempt < attempt) this.#results.set(task, { attempt, result });
  }

  #commit(commit: CommitEntry): void {
    if (this.#states === undefined) throw damagedState('a step is committed before the run begins');
    if (commit.input !== undefined) this.#states.begin(commit.input, commit.patch);
    else this.#states.commit(this.#deltas(), commit.patch);
    this.ran = ranNodes(this.run?.observed.terms, this.frontier);
    this.frontier = commit.frontier;
    this.joins = commit.joins;
    this.step += 1;
    this.openStep = [];
    this.#results.clear();
  }

  #deltas(): readonly Value[] {
    const written: { readonly rank: number; readonly delta: Value }[] = [];
    // All of one step, so that their ranks say their order.
    for (const [task, { result }] of this.#results)
      if (result.status === 'done' && result.delta !== undefined)
        written.push({ rank: rankOfTask(task), delta: result.delta });
    return written.sort((left, right) => left.rank - right.rank).map(({ delta }) => delta);
  }
}
