// Looks at a stored run at any of its steps, and begins new runs from there. Nothing is run, but what a fork goes on with.
import { RepriseError } from '../base/error.ts';
import { nearestName } from '../base/nearest-name.ts';
import { canonicalRecord, canonicalValue } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { EditEntry, Entry, RunEntry } from '../journal/entry.ts';
import { stepKey } from '../journal/key.ts';
import { labelsOf } from '../journal/label.ts';
import { makePatch } from '../journal/patch.ts';
import { isRecordValue } from '../journal/record-value.ts';
import { RunFold } from '../journal/run-fold.ts';
import type { RunStore } from '../port/store.ts';
import { foldRun } from './fold-run.ts';
import { checkLabel } from './options.ts';

/** A step by its number, or by a label that it was given. */
export type StepName = number | string;

/** A commit of a run. */
export interface Checkpoint {
  readonly step: number;
  /** Names that it was given, by a node of the step or from outside. */
  readonly labels: readonly string[];
  /** The nodes that run next, in rank order. */
  readonly next: readonly string[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface ForkOptions {
  /** The commit to go on from: its number, or a label. */
  readonly step: StepName;
  /** Fields of the state to set before the new run goes on. */
  readonly patch?: unknown;
  /** Names the new run; by default one is made up. */
  readonly runId?: string;
}

/** The commits of a run, from step 0 on. @throws RepriseError `run-unknown` */
export async function history(store: RunStore, runId: string): Promise<readonly Checkpoint[]> {
  const given = await store.labels(runId);
  const checkpoints: Checkpoint[] = [];
  let entries: Entry[] = [];
  for await (const entry of store.read(runId)) {
    entries.push(entry);
    if (entry.kind !== 'commit' || entry.at.includes('/')) continue;
    const step = Number(entry.at);
    const own = labelsOf(entries);
    entries = [];
    const others = given.filter((label) => label.step === step && !own.includes(label.label));
    checkpoints.push({
      step,
      labels: [...own, ...others.map(({ label }) => label)],
      next: entry.frontier.map(({ node }) => node),
      time: entry.observed.time,
    });
  }
  return checkpoints;
}

/** The state behind a step. @throws RepriseError `run-unknown`, `step-unknown` */
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
  const checkpoints = await history(store, runId);
  // The newest one, where several were given the name.
  const found = checkpoints.findLast(({ labels }) => labels.includes(step));
  if (found !== undefined) return found.step;
  const nearest = nearestName(step, new Set(checkpoints.flatMap(({ labels }) => labels)));
  throw new RepriseError('step-unknown', `no commit of run "${runId}" is labelled "${step}"`, {
    nextStep: nearest === undefined ? 'See its steps with `reprise show`.' : `Did you mean "${nearest}"?`,
    fields: { runId, label: step },
  });
}

/** Names a commit from outside. @throws RepriseError `run-unknown`, `step-unknown`, `option-invalid` */
export async function labelStep(store: RunStore, runId: string, step: number, label: string): Promise<void> {
  checkLabel(label);
  await stateAt(store, runId, step);
  await store.label(runId, { step, label });
}

async function foldTo(
  store: RunStore,
  runId: string,
  step: number,
): Promise<{ readonly fold: RunFold; readonly entries: readonly Entry[] }> {
  const fold = new RunFold();
  const entries: Entry[] = [];
  for await (const entry of store.read(runId)) {
    // What was changed in a state behind its step belongs to it.
    if (step >= 0 && fold.step === step && entry.kind !== 'edit') break;
    fold.add(entry);
    entries.push(entry);
  }
  if (step >= 0 && fold.step === step) return { fold, entries };
  throw unknownStep(runId, step, fold.step);
}

function unknownStep(runId: string, step: number, last: number): RepriseError {
  return new RepriseError('step-unknown', `run "${runId}" has committed steps 0 to ${last}, and no step ${step}`, {
    nextStep: 'See its steps with `reprise show`.',
    fields: { runId, step },
  });
}

/** What a fork begins with: its first entry, and what it shares with its parent. */
export interface Fork {
  readonly run: RunEntry;
  readonly first: readonly Entry[];
}

/** @throws RepriseError `run-unknown`, `step-unknown`, `input-invalid` */
export async function forkOf(
  store: RunStore,
  parentId: string,
  options: ForkOptions & { readonly runId: string },
  now: number,
): Promise<Fork> {
  const step = await stepNumberOf(store, parentId, options.step);
  const { fold, entries } = await foldTo(store, parentId, step);
  const run = entries[0] as RunEntry;
  if (fold.frontier.length === 0) throw nothingLeft(parentId, step);
  const edit = options.patch === undefined ? undefined : editOf(fold, options.patch, now);
  return {
    run: { ...run, observed: { runId: options.runId, time: now, parent: { runId: parentId, step } } },
    first: [...entries.slice(1), ...(edit === undefined ? [] : [edit])],
  };
}

function editOf(fold: RunFold, given: unknown, now: number): EditEntry | undefined {
  const patch = canonicalValue(given, 'the patch of a fork');
  const { state } = fold;
  const after =
    isRecordValue(state) && isRecordValue(patch)
      ? canonicalRecord([
          ...Object.entries(state).filter(([name]) => !Object.hasOwn(patch, name)),
          ...Object.entries(patch),
        ])
      : patch;
  checkFields(fold, patch);
  const made = makePatch(state, after);
  if (made === undefined) return undefined;
  return { kind: 'edit', at: stepKey('', fold.step), by: 'fork', patch: made, observed: { time: now } };
}

function checkFields(fold: RunFold, patch: Value): void {
  const description = fold.run?.graph.state;
  if (description?.kind !== 'fields') return;
  const unknown = isRecordValue(patch)
    ? Object.keys(patch).find((name) => !Object.hasOwn(description.fields, name))
    : 'a state without fields';
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, Object.keys(description.fields));
  throw new RepriseError('input-invalid', `the patch names "${unknown}", which is no field of this graph`, {
    nextStep:
      nearest === undefined
        ? `The fields are ${Object.keys(description.fields).join(', ')}.`
        : `Did you mean "${nearest}"?`,
    fields: { field: unknown },
  });
}

function nothingLeft(runId: string, step: number): RepriseError {
  return new RepriseError('step-unknown', `nothing is left to run behind step ${step} of run "${runId}"`, {
    nextStep: 'Fork from an earlier step: `reprise show` lists them.',
    fields: { runId, step },
  });
}
