// Whether a run comes to the same as another one.
import { sameValue } from '../../base/equal.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { RunComparer, noFacts } from '../../diff/compare/run-comparer.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Entry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { withoutLosers } from '../../journal/step/race.ts';
import { entryIdentity, sameEntry } from '../../journal/entry-identity.ts';
import { withOpenStep } from './open-step.ts';
import type { Readings } from './readings.ts';
import type { ScheduledRun } from './run-once.ts';
import type { SubjectWorld } from '../subject/subject.ts';

/**
 * What has to be the same under every order. `journal`: everything that the run did, its effects, events and chunks
 * included. `state`: its final state, and how it ended. A function: what it makes of the final state.
 */
export type Compare = 'journal' | 'state' | ((state: never) => unknown);

/** What may differ between two orders of a run, since no result depends on it. */
export interface Leeway {
  /** They follow from when something happened. */
  readonly readings?: Readings | undefined;
  /** Exchanges that another attempt than the recorded one asked for, in one of the runs, by the identity of their entries. */
  readonly moved?: ReadonlySet<string>;
}

export function sameStep(one: CanonicalStep | undefined, other: CanonicalStep, leeway: Leeway = {}): boolean {
  if (one === undefined) return false;
  return sameEntries(one.entries, other.entries, leeway) || sameWhereBothCame(one.entries, other.entries, leeway);
}

/** The exchanges that moved in any of these runs. */
export function movedIn(...worlds: readonly Pick<SubjectWorld, 'moved'>[]): ReadonlySet<string> {
  return new Set(worlds.flatMap((world) => [...world.moved()].map(entryIdentity)));
}

function sameEntries(given: readonly Entry[], compared: readonly Entry[], { readings, moved }: Leeway): boolean {
  const [one, other] = [withoutMoved(given, moved), withoutMoved(compared, moved)];
  if (one.length !== other.length) return false;
  if (one.every((entry, place) => sameEntry(entry, other[place] as typeof entry))) return true;
  return readings?.areEntriesAlike(one, other) === true;
}

/** The same is asked for, and answered, in another task: the first to need it asks for all. */
function withoutMoved(entries: readonly Entry[], moved: ReadonlySet<string> | undefined): readonly Entry[] {
  if (moved === undefined || moved.size === 0) return entries;
  return entries.filter(
    (entry) => entry.kind !== 'effect' || entry.type !== 'http' || !moved.has(entryIdentity(entry)),
  );
}

/** How far a branch came that lost its race is no result, nor how far an attempt came beside what it failed of. */
function sameWhereBothCame(one: readonly Entry[], other: readonly Entry[], leeway: Leeway): boolean {
  const left = withoutCutOff(withoutLosers(one));
  return left !== one && sameEntries(left, withoutCutOff(withoutLosers(other)), leeway);
}

const cutOff: ReadonlySet<Entry['kind']> = new Set(['effect', 'task', 'event']);

/**
 * Without what failed attempts did on the side. It is awaited, and what it asks for next may come before the last of it is
 * there, or not.
 */
function withoutCutOff(entries: readonly Entry[]): readonly Entry[] {
  const failed = new Set(
    entries.flatMap((entry) => (entry.kind === 'outcome' && entry.result.status === 'failed' ? [entry.at] : [])),
  );
  if (failed.size === 0) return entries;
  return entries.filter(({ kind, at }) => !cutOff.has(kind) || !failed.has(at as AttemptKey));
}

/** A run, and what it did. */
export type ComparedRun = Pick<ScheduledRun, 'run' | 'steps'>;

export function sameResult(one: ComparedRun, other: ComparedRun, compare: Compare, leeway: Leeway = {}): boolean {
  if (compare === 'journal') {
    const isSame = (step: CanonicalStep, place: number): boolean =>
      sameStep(step, other.steps[place] as CanonicalStep, leeway);
    return sameLength(one, other) && one.steps.every(isSame);
  }
  if (one.run?.status !== other.run?.status) return false;
  const [left, right] = [endOf(one), endOf(other)];
  const isSameEnd = left === right || (left !== undefined && right !== undefined && sameEntry(left, right));
  if (!isSameEnd) return false;
  const [before, after] = [partOf(one, compare), partOf(other, compare)];
  return sameValue(before, after) || leeway.readings?.areAlike(before, after) === true;
}

/** Whether both ended alike, after the same number of steps. */
export function sameLength(one: ComparedRun, other: ComparedRun): boolean {
  return one.run?.status === other.run?.status && one.steps.length === other.steps.length;
}

/** With the error that a run failed with. */
function endOf({ steps }: ComparedRun): Entry | undefined {
  return steps.at(-1)?.entries.find(({ kind }) => kind === 'end');
}

function partOf({ run }: ComparedRun, compare: Exclude<Compare, 'journal'>): Value {
  const part = compare === 'state' ? run?.state : compare(run?.state as never);
  return canonicalValue(part, 'what is compared of the state');
}

/** What differs between a run and a second one in the same order, which asks in vain for what the first did. */
export function differencesBetween(one: ComparedRun, other: ScheduledRun): readonly Divergence[] {
  return sameResult(one, other, 'journal')
    ? []
    : divergencesOf(one.steps, { ...other, steps: withOpenStep(one.steps, other) });
}

/** What differs between two runs, the first of them as recorded. What the other asked for in vain is in no journal. */
export function divergencesOf(
  one: readonly CanonicalStep[],
  { steps, world }: Pick<ScheduledRun, 'steps' | 'world'>,
  leeway: Leeway = {},
): readonly Divergence[] {
  const comparer = new RunComparer({ mode: 'effects' }, { ...noFacts, missing: world.missing() });
  for (let step = 0; step < Math.max(one.length, steps.length); step += 1) {
    const entries = comparedEntries(one[step]?.entries ?? [], steps[step]?.entries ?? [], leeway);
    comparer.add(...entries);
  }
  return comparer.divergences;
}

/** The entries of a step of two runs, without what may differ. */
export function comparedEntries(
  one: readonly Entry[],
  other: readonly Entry[],
  { readings, moved }: Leeway,
): readonly [readonly Entry[], readonly Entry[]] {
  const [before, after] = [withoutMoved(one, moved), withoutMoved(other, moved)];
  return [before, readings?.aligned(before, after) ?? after];
}
