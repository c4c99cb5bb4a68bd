// Forks a run: a new run from one of its commits, with its state patched if asked for.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { canonicalRecord, canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { EditEntry, Entry, Patch, RunEntry, TaskSpec } from '../../journal/entry.ts';
import type { Surroundings } from '../../journal/run-facts.ts';
import type { RunFold } from '../../journal/fold/run-fold.ts';
import { isShared } from '../../journal/run/inheritance.ts';
import { ranNodes } from '../../journal/run/breakpoints.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { makePatch } from '../../journal/fold/patch.ts';
import { stepKey } from '../../journal/key.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { Claim, Label, Lease, RunStore, SharedJournal } from '../../port/store.ts';
import type { ForkOptions } from '../options/fork-options.ts';
import type { TermOptions } from '../options/run-options.ts';
import { inheritedTerms, termsAfter } from '../rules/run-terms.ts';
import { stepNumberOf, unknownStep } from './history.ts';
import { ResumeFold } from './resume/resume-fold.ts';

/** What a fork begins with: its own `run` entry, the entries that it shares with its parent, and its own changes. */
export interface Fork {
  readonly run: RunEntry;
  readonly shared: SharedJournal;
  readonly own: readonly Entry[];
  /** The fold of all of them. */
  readonly fold: ResumeFold;
  /** The labels that its commits were given from outside. */
  readonly commitLabels: readonly Label[];
}

/** @throws RepriseError `run-unknown`, `step-unknown`, `input-invalid` */
export async function forkOf(
  store: RunStore,
  parentId: string,
  options: ForkOptions & { readonly runId: string; readonly terms?: TermOptions },
  { now, surroundings }: { readonly now: number; readonly surroundings?: Surroundings | undefined },
): Promise<Fork> {
  const step = await stepNumberOf(store, parentId, options.step);
  const { fold, end, commit } = await foldTo(store, parentId, step);
  if (fold.frontier.length === 0) throw nothingLeft(parentId, step);
  const edit = editOf(fold, options, now);
  const terms = termsAfter(inheritedTerms(fold.run?.observed.terms), options.terms ?? {}, now);
  const labels = await store.labels(parentId);
  const first = await firstEntry(store, parentId);
  const { tenant } = first.observed;
  const observed = {
    runId: options.runId,
    time: now,
    ...(surroundings === undefined ? {} : { surroundings }),
    ...(terms === undefined ? {} : { terms }),
    ...(tenant === undefined ? {} : { tenant }),
    parent: { runId: parentId, step },
  };
  const { place, tasks } = commit;
  const { ran: _parents, ...checkpoint } = commit.checkpoint;
  const ran = ranNodes(terms, tasks);
  fold.run = { ...(fold.run as RunEntry), observed };
  fold.ran = ran;
  if (edit !== undefined) fold.add(edit);
  return {
    run: { ...first, observed },
    shared: {
      runId: parentId,
      end,
      checkpoint: {
        place,
        checkpoint: { ...checkpoint, run: { ...checkpoint.run, observed }, ...(ran === undefined ? {} : { ran }) },
      },
    },
    own: edit === undefined ? [] : [edit],
    fold,
    commitLabels: labels.filter((label) => label.step <= step),
  };
}

/** Writes the fork. @throws RepriseError `run-exists`, `run-unknown` */
export async function writeFork(store: RunStore, { run, shared, own }: Fork, claim?: Claim): Promise<Lease> {
  if (store.fork !== undefined) return store.fork(run, shared, own, claim);
  const first: Entry[] = [];
  for await (const entry of store.read(shared.runId, 1, shared.end - 1)) if (isShared(entry)) first.push(entry);
  return store.create(run, [...first, ...own], claim);
}

async function firstEntry(store: RunStore, runId: string): Promise<RunEntry> {
  for await (const entry of store.read(runId, 0, 1)) return entry as RunEntry;
  throw unknownStep(runId, 0, -1);
}

function editOf(fold: RunFold, { patch, seed }: ForkOptions, now: number): EditEntry | undefined {
  const made = patch === undefined ? undefined : patchOf(fold, patch);
  if (made === undefined && seed === undefined) return undefined;
  return {
    kind: 'edit',
    at: stepKey('', fold.step),
    by: 'fork',
    patch: made ?? { kind: 'set', value: fold.state },
    ...(seed === undefined ? {} : { seed }),
    observed: { time: now },
  };
}

function patchOf(fold: RunFold, given: unknown): Patch | undefined {
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
  return makePatch(state, after);
}

function checkFields(fold: RunFold, patch: Value): void {
  const description = fold.run?.graph.state;
  if (description?.kind !== 'fields') return;
  const names = Object.keys(description.fields);
  const fieldList = `The fields are ${names.join(', ')}.`;
  if (!isRecordValue(patch)) {
    throw new RepriseError('input-invalid', 'the patch is not an object with fields of the state', {
      nextStep: fieldList,
      fields: { field: 'a state without fields' },
    });
  }
  const unknown = Object.keys(patch).find((name) => !Object.hasOwn(description.fields, name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, names);
  throw new RepriseError('input-invalid', `the patch names "${unknown}", which is not a field of this graph`, {
    nextStep: nearest === undefined ? fieldList : `Did you mean "${nearest}"?`,
    fields: { field: unknown },
  });
}

function nothingLeft(runId: string, step: number): RepriseError {
  return new RepriseError('step-unknown', `run "${runId}" has nothing left to run after step ${step}`, {
    nextStep: 'Fork from an earlier step; `npx reprise show` lists them.',
    fields: { runId, step },
  });
}

interface FoldedCommit {
  readonly place: number;
  /** The tasks of its step. */
  readonly tasks: readonly TaskSpec[];
  readonly checkpoint: RunCheckpoint;
}

/** The fold up to the commit of a step, with the edits that follow it. */
async function foldTo(
  store: RunStore,
  runId: string,
  step: number,
): Promise<{ readonly fold: ResumeFold; readonly end: number; readonly commit: FoldedCommit }> {
  const fold = new ResumeFold();
  // One before the step: which tasks ran in the step is not known after it.
  const start = step > 0 ? await store.checkpoint?.(runId, step - 1) : undefined;
  if (start !== undefined) fold.restore(start.checkpoint);
  let place = start === undefined ? 0 : start.place + 1;
  let commit: FoldedCommit | undefined;
  for await (const entry of store.read(runId, place)) {
    // An edit belongs to the step that it follows.
    if (commit !== undefined && entry.kind !== 'edit') break;
    const { frontier, step: before } = fold;
    fold.add(entry);
    if (fold.step !== before && fold.step === step) commit = { place, tasks: frontier, checkpoint: fold.checkpoint };
    place += 1;
  }
  if (commit === undefined) throw unknownStep(runId, step, fold.step);
  return { fold, end: place, commit };
}
