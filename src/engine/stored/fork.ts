// Forks a run: a new run from one of its commits, with its state patched if asked for.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { canonicalRecord, canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { EditEntry, Entry, Patch, RunEntry, Surroundings } from '../../journal/entry.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { makePatch } from '../../journal/fold/patch.ts';
import { stepKey } from '../../journal/key.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { Label, RunStore } from '../../port/store.ts';
import type { ForkOptions } from '../options/fork-options.ts';
import type { TermOptions } from '../options/run-options.ts';
import { inheritedTerms, termsAfter } from '../rules/run-terms.ts';
import { stepNumberOf, unknownStep } from './history.ts';

/** The entries that a fork begins with: its own `run` entry, then those that it shares with its parent. */
export interface Fork {
  readonly run: RunEntry;
  readonly first: readonly Entry[];
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
  const { fold, entries } = await foldTo(store, parentId, step);
  const run = entries[0] as RunEntry;
  if (fold.frontier.length === 0) throw nothingLeft(parentId, step);
  const edit = editOf(fold, options, now);
  const terms = termsAfter(inheritedTerms(fold.run?.observed.terms), options.terms ?? {}, now);
  const labels = await store.labels(parentId);
  return {
    run: {
      ...run,
      observed: {
        runId: options.runId,
        time: now,
        ...(surroundings === undefined ? {} : { surroundings }),
        ...(terms === undefined ? {} : { terms }),
        parent: { runId: parentId, step },
      },
    },
    first: [...entries.slice(1).filter(isShared), ...(edit === undefined ? [] : [edit])],
    commitLabels: labels.filter((label) => label.step <= step),
  };
}

/** The terms of the parent are no terms of the fork. */
function isShared(entry: Entry): boolean {
  return entry.kind !== 'note' || entry.observed.terms === undefined;
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
    nextStep: 'Fork from an earlier step; `reprise show` lists them.',
    fields: { runId, step },
  });
}

async function foldTo(
  store: RunStore,
  runId: string,
  step: number,
): Promise<{ readonly fold: RunFold; readonly entries: readonly Entry[] }> {
  const fold = new RunFold();
  const entries: Entry[] = [];
  for await (const entry of store.read(runId)) {
    // An edit belongs to the step that it follows.
    if (step >= 0 && fold.step === step && entry.kind !== 'edit') break;
    fold.add(entry);
    entries.push(entry);
  }
  if (step >= 0 && fold.step === step) return { fold, entries };
  throw unknownStep(runId, step, fold.step);
}
