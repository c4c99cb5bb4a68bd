// Looks back at the commits of a stored run. Runs no user code.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import { labelsOf } from '../../journal/label.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import type { RunStore } from '../../port/store.ts';
import { foldRun } from './fold-run.ts';
import { checkArgument } from '../../base/options/option-shape.ts';
import { numberIn } from '../../base/options/option-kind.ts';
import { checkLabel } from '../options/context-options.ts';
import type { StepName } from '../options/fork-options.ts';

/** A commit of a run, as `history` lists it. Exported as `Checkpoint`. */
export interface ListedCommit {
  readonly step: number;
  /** Labels from the nodes of the step and from outside. */
  readonly labels: readonly string[];
  /** The nodes that run next, in rank order. */
  readonly next: readonly string[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The commits of a run, starting with step 0. @throws RepriseError `run-unknown` */
export async function history(store: RunStore, runId: string): Promise<readonly ListedCommit[]> {
  const given = await store.labels(runId);
  const commits: ListedCommit[] = [];
  let entries: Entry[] = [];
  for await (const entry of store.read(runId)) {
    entries.push(entry);
    if (entry.kind !== 'commit' || entry.at.includes('/')) continue;
    const step = Number(entry.at);
    const own = labelsOf(entries);
    entries = [];
    const others = given.filter((label) => label.step === step && !own.includes(label.label));
    commits.push({
      step,
      labels: [...own, ...others.map(({ label }) => label)],
      next: entry.frontier.map(({ node }) => node),
      time: entry.observed.time,
    });
  }
  return commits;
}

/** The state after a step. @throws RepriseError `run-unknown`, `step-unknown` */
export async function stateAt(store: RunStore, runId: string, step: StepName): Promise<Value> {
  const number = await stepNumberOf(store, runId, step);
  const fold = new RunFold();
  await foldRun(store, runId, fold, { step: number });
  if (number < 0 || fold.step !== number) throw unknownStep(runId, number, fold.step);
  return fold.state;
}

/** @throws RepriseError `run-unknown`, `step-unknown` */
export async function stepNumberOf(store: RunStore, runId: string, step: StepName): Promise<number> {
  if (typeof step === 'number') return step;
  const commits = await history(store, runId);
  // Several steps may have the label. The latest one counts.
  const found = commits.findLast(({ labels }) => labels.includes(step));
  if (found !== undefined) return found.step;
  const nearest = nearestName(step, new Set(commits.flatMap(({ labels }) => labels)));
  throw new RepriseError('step-unknown', `run "${runId}" has no step labelled "${step}"`, {
    nextStep: nearest === undefined ? 'See its steps with `reprise show`.' : `Did you mean "${nearest}"?`,
    fields: { runId, label: step },
  });
}

/** Labels a commit from outside the run. @throws RepriseError `run-unknown`, `step-unknown`, `option-invalid` */
export async function labelStep(store: RunStore, runId: string, step: number, label: string): Promise<void> {
  checkArgument('engine.label', 'step', numberIn({}), step);
  checkLabel(label, 'engine.label');
  await stateAt(store, runId, step);
  await store.label(runId, { step, label });
}

export function unknownStep(runId: string, step: number, last: number): RepriseError {
  return new RepriseError('step-unknown', `run "${runId}" has no step ${step}: it has committed steps 0 to ${last}`, {
    nextStep: 'See its steps with `reprise show`.',
    fields: { runId, step },
  });
}
