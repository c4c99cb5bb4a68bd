// A run as one finds it who goes on with it: besides where it stands, how far it had come when it failed, and how many
// steps count towards its limit.
import type { Value } from '../../base/value.ts';
import { attemptNumber, stepOfTask, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
import type { Entry } from '../../journal/entry.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';

export class ResumeFold extends RunFold {
  /** Steps up to the last commit of the run itself, those of inner runs counted. */
  stepCount = 0;
  /** How many entries of the open step were there when the run failed last. */
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
    if (entry.kind === 'end') this.#failedCount = this.openStep.length;
  }

  /** The tasks that had failed when the run did, with the number of their last attempt until then. */
  get failedTasks(): ReadonlyMap<string, number> {
    const failed = new Map<string, number>();
    for (const entry of this.openStep.slice(0, this.#failedCount)) {
      if (entry.kind !== 'outcome') continue;
      const task = taskOfAttempt(entry.at);
      if (entry.result.status === 'done') failed.delete(task);
      else failed.set(task, Math.max(failed.get(task) ?? 0, attemptNumber(entry.at)));
    }
    return failed;
  }

  /** The errors of limits that inner runs had reached, as the journal holds them. Whoever else throws such an error is to blame for it. */
  get limitErrors(): readonly Value[] {
    const inner = new Set(this.openStep.flatMap(({ kind, at }) => (kind === 'commit' ? [parentOf(at)] : [])));
    const found = this.openStep
      .filter((entry) => entry.kind === 'outcome')
      .filter(({ result }) => result.status === 'failed' && isLimit(result.error))
      .sort((left, right) => right.at.length - left.at.length);
    const limits = new Set<string>();
    for (const { at } of found) {
      const below = found.filter((outcome) => parentOf(outcome.at) === at);
      if (inner.has(at) && below.every((outcome) => limits.has(outcome.at))) limits.add(at);
    }
    return found.flatMap(({ at, result }) => (limits.has(at) && result.status === 'failed' ? [result.error] : []));
  }

  /** Inner steps of attempts that have ended, and so are not gone through again, by the step around them. */
  get endedInnerSteps(): ReadonlyMap<StepKey, number> {
    const ended = this.openStep.flatMap((entry) => (entry.kind === 'outcome' ? [entry.at] : []));
    const counts = new Map<StepKey, number>();
    for (const at of countedSteps(this.openStep, ended)) {
      const step = stepOfTask(taskOfAttempt(outermost(at, ended) as AttemptKey));
      counts.set(step, (counts.get(step) ?? 0) + 1);
    }
    return counts;
  }
}

/** Inner steps below these attempts, by default all of the step: a step that was not committed does not count, nor what is in it. */
function countedSteps(openStep: readonly Entry[], below?: readonly AttemptKey[]): readonly StepKey[] {
  const committed = openStep.flatMap((entry) =>
    entry.kind === 'commit' && entry.input === undefined ? [entry.at] : [],
  );
  const known = new Set<string>(committed);
  return committed.filter((at) => {
    const root = below === undefined ? at.slice(0, at.indexOf('/')) : outermost(at, below);
    return root !== undefined && stepsAround(at, root.length).every((step) => known.has(step));
  });
}

/** The inner steps that a key nests in, below its first so many characters. */
function stepsAround(at: string, rootLength: number): readonly string[] {
  const steps: string[] = [];
  for (let end = at.lastIndexOf('/'); end > rootLength; end = at.lastIndexOf('/', end - 1))
    steps.push(stepOfTask(taskOfAttempt(at.slice(0, end) as AttemptKey)));
  return steps;
}

/** The outermost of these attempts that a key nests below. */
function outermost(at: string, attempts: readonly AttemptKey[]): AttemptKey | undefined {
  return attempts
    .filter((attempt) => at.startsWith(`${attempt}/`))
    .reduce<AttemptKey | undefined>(
      (found, attempt) => (found === undefined || attempt.length < found.length ? attempt : found),
      undefined,
    );
}

/** The attempt that a key nests below. */
function parentOf(at: string): string {
  return at.slice(0, Math.max(0, at.lastIndexOf('/')));
}

function isLimit(error: Value): boolean {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'RepriseError' && code === 'limit-reached';
}
