// Looks back at the commits of a stored run. Runs no user code.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import { isInnerStepKey } from '../../journal/key.ts';
import type { StepKey } from '../../journal/key.ts';
import { withoutVoid } from '../../journal/run/void-entries.ts';
import { innerState } from '../../diff/compare/inner-state.ts';
import { labelStream, labelsOf } from '../../journal/label.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import type { RunStore } from '../../port/store.ts';
import { foldRun } from './fold-run.ts';
import { checkArgument, checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { numberIn } from '../../base/options/option-kind.ts';
import { checkLabel } from '../options/context-options.ts';
import type { StepName } from '../options/fork-options.ts';
import { historyOptions } from '../options/history-options.ts';
import type { HistoryOptions } from '../options/history-options.ts';

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

/** How many entries are looked through for a label at a time. */
const windowCount = 2_000;

/** The commits of a run, starting with step 0. @throws RepriseError `run-unknown`, `option-invalid` */
export async function history(
  store: RunStore,
  runId: string,
  options: HistoryOptions = noOptions,
): Promise<readonly ListedCommit[]> {
  checkOptions(historyOptions, options);
  const { after = -1, limit = Number.POSITIVE_INFINITY } = options;
  const checkpoint = after < 0 ? undefined : await store.checkpoint?.(runId, after);
  const given = await store.labels(runId);
  const commits: ListedCommit[] = [];
  let entries: Entry[] = [];
  for await (const entry of store.read(runId, checkpoint === undefined ? 0 : checkpoint.place + 1)) {
    entries.push(entry);
    if (entry.kind !== 'commit' || entry.at.includes('/')) continue;
    const step = Number(entry.at);
    const own = step > after ? labelsOf(entries) : [];
    entries = [];
    if (step <= after) continue;
    const others = given.filter((label) => label.step === step && !own.includes(label.label));
    commits.push({
      step,
      labels: [...own, ...others.map(({ label }) => label)],
      next: entry.frontier.map(({ node }) => node),
      time: entry.observed.time,
    });
    if (commits.length === limit) break;
  }
  return commits;
}

/** The state after a step of the run, or of an inner run. @throws RepriseError `run-unknown`, `step-unknown` */
export async function stateAt(store: RunStore, runId: string, step: StepName): Promise<Value> {
  if (typeof step === 'string' && isInnerStepKey(step)) return innerStateAt(store, runId, step);
  const number = await stepNumberOf(store, runId, step);
  const fold = new RunFold();
  await foldRun(store, runId, fold, { step: number });
  if (number < 0 || fold.step !== number) throw unknownStep(runId, number, fold.step);
  return fold.state;
}

async function innerStateAt(store: RunStore, runId: string, key: StepKey): Promise<Value> {
  const step = Number.parseInt(key, 10);
  const attempt = key.slice(0, key.indexOf('/') + 1);
  const fold = new RunFold();
  const place = await foldRun(store, runId, fold, { step: step - 1 });
  if (step < 1 || fold.step !== step - 1 || fold.run === undefined) throw unknownStep(runId, step, fold.step);
  const entries: Entry[] = [];
  for await (const entry of store.read(runId, place)) {
    if (entry.at.startsWith(attempt) || entry.kind === 'note') entries.push(entry);
    if (entry.kind === 'commit' && entry.at === String(step)) break;
  }
  const found = innerState({ graph: fold.run.graph, frontier: fold.frontier, entries: [...withoutVoid(entries)] }, key);
  if (found !== undefined) return found.state;
  throw new RepriseError('step-unknown', `run "${runId}" has not committed the inner step ${key}`, {
    nextStep: `See its inner steps with \`npx reprise show ${runId} --step ${step}\`.`,
    fields: { runId, step: key },
  });
}

/** @throws RepriseError `run-unknown`, `step-unknown` */
export async function stepNumberOf(store: RunStore, runId: string, step: StepName): Promise<number> {
  if (typeof step === 'number') return step;
  if (isInnerStepKey(step)) throw noCommitOfRun(runId, step);
  const found = await labelledStep(store, runId, step);
  if (found !== undefined) return found;
  const commits = await history(store, runId);
  const nearest = nearestName(step, new Set(commits.flatMap(({ labels }) => labels)));
  throw new RepriseError('step-unknown', `run "${runId}" has no step labelled "${step}"`, {
    nextStep: nearest === undefined ? 'See its steps with `npx reprise show`.' : `Did you mean "${nearest}"?`,
    fields: { runId, label: step },
  });
}

/** Several steps may have the label. The latest one counts, so the journal is looked through from its end. */
async function labelledStep(store: RunStore, runId: string, label: string): Promise<number | undefined> {
  const given = (await store.labels(runId)).find((one) => one.label === label)?.step;
  const count = (await store.find(runId))?.entryCount ?? 0;
  for (let end = count; end > 0; end -= windowCount) {
    const from = Math.max(0, end - windowCount);
    const steps = new Set<number>();
    let first = Number.POSITIVE_INFINITY;
    for await (const entry of store.read(runId, from, end - from)) {
      first = Math.min(first, Number.parseInt(entry.at, 10) || 0);
      if (entry.kind === 'event' && entry.stream === labelStream && entry.name === label)
        steps.add(Number.parseInt(entry.at, 10));
    }
    for (const step of [...steps].sort((left, right) => right - left)) {
      if (given !== undefined && given >= step) return given;
      const [commit] = await history(store, runId, { after: step - 1, limit: 1 });
      if (commit?.step === step && commit.labels.includes(label)) return step;
    }
    if (given !== undefined && given >= first) return given;
  }
  return given;
}

/** Labels a commit from outside the run. @throws RepriseError `run-unknown`, `step-unknown`, `option-invalid` */
export async function labelStep(store: RunStore, runId: string, step: number, label: string): Promise<void> {
  checkArgument('engine.label', 'step', numberIn({}), step);
  checkLabel(label, 'engine.label');
  await stateAt(store, runId, step);
  await store.label(runId, { step, label });
}

/** An inner run goes with the attempt around it, so nothing can continue after a step of one alone. */
function noCommitOfRun(runId: string, key: StepKey): RepriseError {
  const step = Number.parseInt(key, 10);
  return new RepriseError(
    'step-unknown',
    `${key} is a step of an inner run of run "${runId}", and no step of the run`,
    {
      nextStep: `Use step ${step - 1}, after which that inner run begins, or step ${step}, after which it is over.`,
      fields: { runId, step: key },
    },
  );
}

export function unknownStep(runId: string, step: number, last: number): RepriseError {
  return new RepriseError('step-unknown', `run "${runId}" has no step ${step}: it has committed steps 0 to ${last}`, {
    nextStep: 'See its steps with `npx reprise show`.',
    fields: { runId, step },
  });
}
