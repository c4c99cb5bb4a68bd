// A run that was stuck at a join, and is resumed with a graph whose joins or edges are others: what it continues with.
// A pure function of data, since every fold of the journal has to come to the same.
//   M1. A waiting join stands for the join of the new graph that leads to the same node, the first for the first. Arrivals
//       of sources that it has no more are dropped.
//   M2. If there is none, but an unconditional edge leads from a source that has arrived to that node, the node runs.
import type { EdgeDescription, GraphDescription } from '../description.ts';
import type { JoinArrivals, TaskSpec } from '../entry.ts';

type Join = EdgeDescription & { readonly kind: 'join' };

interface MendedJoins {
  readonly frontier: readonly TaskSpec[];
  readonly joins: JoinArrivals | undefined;
  /** The joins that have no counterpart. */
  readonly lost: readonly Join[];
}

export function mendedJoins(before: GraphDescription, after: GraphDescription, joins: JoinArrivals): MendedJoins {
  const earlier = joinsOf(before);
  const later = joinsOf(after);
  const nodes = new Set<string>();
  const kept: [string, JoinArrivals[string]][] = [];
  const lost: Join[] = [];
  for (const [place, arrived] of Object.entries(joins)) {
    const join = earlier[Number(place)];
    if (join === undefined) continue;
    const counterpart = counterpartOf(join, earlier.slice(0, Number(place)), later);
    if (counterpart === undefined) {
      if (Object.keys(arrived).some((source) => hasEdge(after, source, join.to))) nodes.add(join.to);
      else lost.push(join);
      continue;
    }
    const { from } = later[counterpart] as Join;
    const fires = from.every((source) => countOf(arrived, source) > 0);
    if (fires) nodes.add(join.to);
    const left = from
      .map((source) => [source, countOf(arrived, source) - (fires ? 1 : 0)] as const)
      .filter(([, count]) => count > 0);
    if (left.length > 0) kept.push([String(counterpart), Object.fromEntries(left)]);
  }
  return {
    frontier: [...nodes].map((node) => ({ node })),
    joins: kept.length === 0 ? undefined : Object.fromEntries(kept),
    lost,
  };
}

/** The place of a join's counterpart among the joins of the new graph. */
function counterpartOf(join: Join, before: readonly Join[], later: readonly Join[]): number | undefined {
  const ordinal = before.filter(({ to }) => to === join.to).length;
  const places = later.flatMap(({ to }, place) => (to === join.to ? [place] : []));
  return places[ordinal];
}

function countOf(arrived: JoinArrivals[string], source: string): number {
  return Object.hasOwn(arrived, source) ? (arrived[source] as number) : 0;
}

function hasEdge({ edges }: GraphDescription, from: string, to: string): boolean {
  return edges.some((edge) => edge.kind === 'edge' && !edge.conditional && edge.from === from && edge.to === to);
}

function joinsOf({ edges }: GraphDescription): readonly Join[] {
  return edges.filter((edge) => edge.kind === 'join');
}
