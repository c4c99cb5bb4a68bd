// Random pairs of graphs are compared: no change is missed, and results do not depend on names.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { compareGraphs } from '../../../src/diff/graph/compare-graph.ts';
import type { GraphChange } from '../../../src/diff/graph/graph-change.ts';
import { graphChangeText, graphDivergences, partPath } from '../../../src/diff/graph/graph-divergence.ts';
import type { GraphDescription } from '../../../src/journal/description.ts';
import { graphPairs, plainNames, renamed, trickyNames, trickyRenamings } from '../../support/arbitrary-graph.ts';

const numRuns = process.env.REPRISE_TEST_SIZE === 'long' ? 30_000 : 1_000;
/** The second graphs are dense: most of their edges look like another edge. */
const pairs = fc.oneof(graphPairs([...plainNames, ...trickyNames]), graphPairs(['a', 'b', 'b (2)'], 0));

function areEqual(one: GraphDescription, other: GraphDescription): boolean {
  return sameValue(canonicalValue(one, 'graph'), canonicalValue(other, 'graph'));
}

const opposite = { added: 'removed', removed: 'added', changed: 'changed', reordered: 'reordered' } as const;

/** What changed, without the values, since those contain names too. */
function outlineOf(found: GraphChange): object {
  const { kind, change, names, subgraph } = found;
  if (found.kind !== 'order') return { kind, change, names, subgraph, ordinal: found.ordinal, path: found.path };
  return { kind, change, names, subgraph, recorded: found.recorded, replayed: found.replayed };
}

describe('two graphs compared', () => {
  it('have no change if and only if their descriptions are equal', () => {
    const seen = { equal: 0, different: 0 };
    fc.assert(
      fc.property(pairs, ([recorded, replayed]) => {
        const isEqual = areEqual(recorded, replayed);
        seen[isEqual ? 'equal' : 'different'] += 1;
        expect(compareGraphs(recorded, replayed).length === 0).toBe(isEqual);
        expect(graphDivergences(compareGraphs(recorded, replayed)).length === 0).toBe(isEqual);
      }),
      { numRuns },
    );
    expect(Math.min(seen.equal, seen.different)).toBeGreaterThan(numRuns / 10);
  });

  it('have a distinct path for every changed part', () => {
    fc.assert(
      fc.property(pairs, ([recorded, replayed]) => {
        const changes = compareGraphs(recorded, replayed).filter((change) => change.kind !== 'order');
        expect(new Set(changes.map(partPath)).size).toBe(changes.length);
        expect(new Set(changes.map(graphChangeText)).size).toBe(changes.length);
      }),
      { numRuns },
    );
  });

  it('have the opposite changes in the opposite direction', () => {
    const textOf = ({ kind, names, subgraph }: GraphChange, change: string): string =>
      JSON.stringify([kind === 'join' ? 'edge' : kind, change, [...names].sort(), subgraph]);
    fc.assert(
      fc.property(pairs, ([recorded, replayed]) => {
        const there = compareGraphs(recorded, replayed).map((found) => textOf(found, found.change));
        const back = compareGraphs(replayed, recorded).map((found) => textOf(found, opposite[found.change]));
        expect(there.sort()).toEqual(back.sort());
      }),
      { numRuns },
    );
  });

  it('have the same changes whatever the names of their nodes', () => {
    fc.assert(
      fc.property(graphPairs(plainNames), trickyRenamings, ([recorded, replayed], nameOf) => {
        const plain = compareGraphs(recorded, replayed).map(outlineOf);
        const tricky = compareGraphs(renamed(recorded, nameOf), renamed(replayed, nameOf)).map(outlineOf);
        const translated = JSON.stringify(plain, (key, value: unknown) =>
          (key === 'names' || key === 'subgraph') && Array.isArray(value) ? value.map(nameOf) : value,
        );
        expect(JSON.stringify(tricky)).toBe(translated);
      }),
      { numRuns },
    );
  });
});
