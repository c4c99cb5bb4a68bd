// The changes of many fixtures by kind: what a reviewer of a pull request reads instead of the files.
import { sameValue } from '../../base/equal.ts';
import type { ChangeGroup, FixtureChange, UpdatedFixture, UpdateSummary } from './update-facts.ts';

interface Gathered {
  readonly first: FixtureChange;
  readonly example: string;
  readonly fixtures: Set<string>;
  count: number;
  isAlike: boolean;
}

/**
 * Gathers the changes of many updated fixtures by kind, so that a reviewer sees one change in 40 fixtures once.
 * `updateSummaryText` makes text of it.
 */
export function updateSummary(updates: readonly UpdatedFixture[]): UpdateSummary {
  const groups = new Map<string, Gathered>();
  for (const { fixture, changes } of updates) for (const change of changes) gather(groups, fixture, change);
  const countOf = (verdict: UpdatedFixture['verdict']): number =>
    updates.filter((update) => update.verdict === verdict).length;
  return {
    version: 1,
    updated: countOf('updated'),
    unchanged: countOf('unchanged'),
    refused: countOf('refused'),
    groups: [...groups.values()].map(groupOf).sort(byWeight),
  };
}

function gather(groups: Map<string, Gathered>, fixture: string, change: FixtureChange): void {
  const { kind, about, failure = null, follows } = change;
  const key = JSON.stringify([kind, about, failure, follows === true]);
  const known = groups.get(key);
  if (known === undefined) {
    groups.set(key, { first: change, example: fixture, fixtures: new Set([fixture]), count: 1, isAlike: true });
    return;
  }
  known.fixtures.add(fixture);
  known.count += 1;
  known.isAlike &&=
    sameValue(known.first.recorded, change.recorded) && sameValue(known.first.replayed, change.replayed);
}

function groupOf({ first, example, fixtures, count, isAlike }: Gathered): ChangeGroup {
  const { kind, about, recorded, replayed, failure, follows } = first;
  return {
    kind,
    about,
    fixtureCount: fixtures.size,
    count,
    ...(isAlike ? { values: { recorded, replayed } } : {}),
    example,
    ...(failure === undefined ? {} : { failure }),
    ...(follows === undefined ? {} : { follows }),
  };
}

/** Causes before what follows from them. Groups of one weight keep their order. */
function byWeight(left: ChangeGroup, right: ChangeGroup): number {
  return Number(left.follows === true) - Number(right.follows === true) || right.fixtureCount - left.fixtureCount;
}
