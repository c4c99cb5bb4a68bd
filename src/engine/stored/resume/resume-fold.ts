// What resuming needs to know about a stored run besides its fold: what had failed, and how many steps count towards its
// limit.
import { inPieces } from '../../../base/in-pieces.ts';
import type { Value } from '../../../base/value.ts';
import { isLimitError } from '../../../journal/run/canonical.ts';
import { withoutStops } from '../../../journal/step/stops.ts';
import { attemptNumber, stepOfTask, taskOfAttempt } from '../../../journal/key.ts';
import type { AttemptKey, StepKey } from '../../../journal/key.ts';
import type { RunCheckpoint } from '../../../journal/run/checkpoint.ts';
import type { Entry, RunEnd, RunEntry } from '../../../journal/entry.ts';
import { RunFold } from '../../../journal/fold/run-fold.ts';
import { decidedEnds } from './decided-ends.ts';
import { StallCount } from './stalls.ts';
import { TakeoverCount } from './takeovers.ts';

export class ResumeFold extends RunFold {
  /** Committed steps, inner runs' steps included, up to the last commit of the run itself. */
  stepCount = 0;
  readonly stalls = new StallCount();
  readonly takeovers = new TakeoverCount();
  /** How many entries the open step had when the run last failed. */
  #failedCount = 0;

  override restore(checkpoint: RunCheckpoint): void {
    super.restore(checkpoint);
    this.stepCount = checkpoint.stepCount;
  }

  override add(entry: Entry): void {
    if (entry.kind === 'commit' && !entry.at.includes('/')) {
      if (entry.input === undefined) this.stepCount += 1 + countedSteps(this.openStep).length;
      this.#failedCount = 0;
    }
    super.add(entry);
    this.stalls.add(entry);
    this.takeovers.add(entry);
    if (entry.kind !== 'end') return;
    this.openStep = [...withoutStops(this.openStep)];
    this.#failedCount = this.openStep.length;
  }

  /** The fold up to the last commit of the run itself. */
  get checkpoint(): RunCheckpoint {
    const { run, step, state, frontier, joins, ran, stepCount } = this;
    return {
      run: run as RunEntry,
      step,
      state,
      frontier,
      ...(joins === undefined ? {} : { joins }),
      ...(ran === undefined ? {} : { ran }),
      stepCount,
    };
  }

  /** How the run was about to end when its process died: its attempts were cleaning up. */
  get stoppedBy(): RunEnd | undefined {
    for (const entry of this.openStep) if (entry.kind === 'stop' && entry.end !== undefined) return entry.end;
    return undefined;
  }

  /**
   * The tasks that had failed when the run last failed, with the number of their last attempt by then. Those too with
   * which it was about to fail, if what they failed with was decided about since.
   */
  get failedTasks(): ReadonlyMap<string, number> {
    const failed = new Map<string, number>();
    const add = (at: AttemptKey): void => {
      const task = taskOfAttempt(at);
      failed.set(task, Math.max(failed.get(task) ?? 0, attemptNumber(at)));
    };
    // Of a task that has succeeded since as well: its failed attempts come before that one when it is entered again.
    for (const entry of this.openStep.slice(0, this.#failedCount))
      if (entry.kind === 'outcome' && entry.result.status !== 'done') add(entry.at);
    for (const at of decidedEnds(this.openStep)) add(at);
    return failed;
  }

  /**
   * The errors of inner runs that reached a limit, as recorded. The same error from anywhere else is a failure of the node
   * that threw it.
   */
  get limitErrors(): readonly Value[] {
    const found = this.openStep
      .filter((entry) => entry.kind === 'outcome')
      .filter(({ result }) => result.status === 'failed' && isLimitError(result.error))
      .sort((left, right) => right.at.length - left.at.length);
    if (found.length === 0) return [];
    const inner = new Set(this.openStep.flatMap(({ kind, at }) => (kind === 'commit' ? [parentOf(at)] : [])));
    const limits = new Set<string>();
    /** Attempts with a failure below them that no limit caused. Inner ones come first, so theirs is known by then. */
    const others = new Set<string>();
    for (const { at } of found) {
      if (inner.has(at) && !others.has(at)) limits.add(at);
      else others.add(parentOf(at));
    }
    return found.flatMap(({ at, result }) => (limits.has(at) && result.status === 'failed' ? [result.error] : []));
  }

  /** How many inner steps belong to attempts that have ended and will not run again, by the step around them. */
  *endedInnerSteps(): Generator<undefined, ReadonlyMap<StepKey, number>> {
    const ended = new Set<AttemptKey>();
    const committed = new Set<StepKey>();
    yield* inPieces(this.openStep, (entry) => {
      if (entry.kind === 'outcome') ended.add(entry.at);
      if (entry.kind === 'commit' && entry.input === undefined) committed.add(entry.at);
    });
    const counts = new Map<StepKey, number>();
    yield* inPieces([...committed], (at) => {
      const root = outermost(at, ended);
      if (root === undefined || !isCounted(at, root, committed)) return;
      const step = stepOfTask(taskOfAttempt(root));
      counts.set(step, (counts.get(step) ?? 0) + 1);
    });
    return counts;
  }
}

/** The committed inner steps of the open step. */
function countedSteps(openStep: readonly Entry[]): readonly StepKey[] {
  const committed = openStep.flatMap((entry) =>
    entry.kind === 'commit' && entry.input === undefined ? [entry.at] : [],
  );
  const known = new Set(committed);
  return committed.filter((at) => isCounted(at, at.slice(0, at.indexOf('/')), known));
}

/** Below this attempt. A step inside one that was not committed does not count. */
function isCounted(at: StepKey, root: string, committed: ReadonlySet<string>): boolean {
  return stepsAround(at, root.length).every((step) => committed.has(step));
}

/** The inner steps that a key nests in, leaving out those within its first `rootLength` characters. */
function stepsAround(at: string, rootLength: number): readonly string[] {
  const steps: string[] = [];
  for (let end = at.lastIndexOf('/'); end > rootLength; end = at.lastIndexOf('/', end - 1))
    steps.push(stepOfTask(taskOfAttempt(at.slice(0, end) as AttemptKey)));
  return steps;
}

/** The outermost of these attempts that a key nests in. */
function outermost(at: string, attempts: ReadonlySet<AttemptKey>): AttemptKey | undefined {
  for (let end = at.indexOf('/'); end > 0; end = at.indexOf('/', end + 1)) {
    const attempt = at.slice(0, end) as AttemptKey;
    if (attempts.has(attempt)) return attempt;
  }
  return undefined;
}

/** The attempt that a key nests in. */
function parentOf(at: string): string {
  return at.slice(0, Math.max(0, at.lastIndexOf('/')));
}
