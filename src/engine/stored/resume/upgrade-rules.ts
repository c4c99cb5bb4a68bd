// Which changes of a graph stop a run from resuming with it.
//   Owns:         what the run can still reach, and which changes matter there.
//   Not its job:  finding the changes, migrating the state, wording.
//   U1. What the run can still reach has not changed: its nodes (except for attempts, time limits, `maxConcurrent`,
//       `resumable` and `emptyRoute`), the edges and joins that lead on from them, with their order, and the joins that
//       wait. What leads only from nodes that are passed was gone through before. A node that was only added changes nothing.
//   U2. No field of the state has changed, and no added one lacks an initial value, unless the graph has a `migrate`.
//   U3. A run that failed with `no-progress` may be resumed with other joins and edges where it was stuck: in its own graph
//       if what waits has a counterpart (mended-joins.ts), in a subgraph freely, since its inner run starts again.
//   U4. Only the code knows where a `goto` leads and what a node does. Neither is compared. Where a `send` may lead is known:
//       any node that runs code may send to any that takes an input. A handler is ahead where what it handles is.
import { sameValue } from '../../../base/equal.ts';
import type { Value } from '../../../base/value.ts';
import { compareGraphs } from '../../../diff/graph/compare-graph.ts';
import type { GraphChange, GraphPart, PartChange } from '../../../diff/graph/graph-change.ts';
import type { EdgeDescription, GraphDescription } from '../../../journal/description.ts';
import type { JoinArrivals, TaskSpec } from '../../../journal/entry.ts';
import { mendedJoins } from '../../../journal/step/mended-joins.ts';
import { isRecordValue } from '../../../journal/record-value.ts';

/** Where the run resumes. */
export interface UpgradedRun {
  readonly frontier: readonly TaskSpec[];
  readonly joins?: JoinArrivals | undefined;
  readonly stuck?: Stuck | undefined;
}

/** The run failed with `no-progress`: itself, or in the inner run of a node. */
export interface Stuck {
  readonly node: string | undefined;
}

/**
 * `join`: arrivals are kept by a join's place among the joins of its graph, so one that they wait at must not move. `lost`:
 * the run is stuck at a join that has no counterpart.
 */
export type UpgradeProblem =
  | { readonly kind: 'change'; readonly change: GraphChange }
  | { readonly kind: 'join' | 'lost'; readonly join: GraphPart };

export function findUpgradeProblems(
  recorded: GraphDescription,
  current: GraphDescription,
  run: UpgradedRun,
  migrate: 'given' | 'none',
): readonly UpgradeProblem[] {
  const waiting = waitingTargets(recorded, run);
  const reachable = reachableNodes(recorded, run, waiting);
  const changes = compareGraphs(comparedShape(recorded), comparedShape(current));
  return [
    ...changes
      .filter((change) => !isMend(change, run.stuck) && isProblem(change, { reachable, waiting }, migrate))
      .map((change) => ({ kind: 'change', change }) as const),
    ...joinProblems(recorded, current, run),
  ];
}

function isMend(change: GraphChange, stuck: Stuck | undefined): boolean {
  if (stuck === undefined || !['edge', 'join', 'order'].includes(change.kind)) return false;
  return change.subgraph[0] === stuck.node;
}

function joinProblems(
  recorded: GraphDescription,
  current: GraphDescription,
  run: UpgradedRun,
): readonly UpgradeProblem[] {
  if (run.stuck === undefined || run.stuck.node !== undefined)
    return movedJoins(recorded, current, run).map((join) => ({ kind: 'join', join }));
  const { lost } = mendedJoins(recorded, current, run.joins ?? {});
  return lost.map(({ from, to }) => ({
    kind: 'lost',
    join: { kind: 'join', names: [...from, to], ordinal: 0, subgraph: [] },
  }));
}

interface Ahead {
  readonly reachable: ReadonlySet<string>;
  /** The nodes behind joins that hold arrivals. */
  readonly waiting: ReadonlySet<string>;
}

function isProblem(change: GraphChange, { reachable, waiting }: Ahead, migrate: 'given' | 'none'): boolean {
  if (change.kind === 'node' && change.change === 'added') return false;
  if (change.kind === 'order' && change.names.length === 0) return false;
  const [outermost] = change.subgraph;
  if (outermost !== undefined) return reachable.has(outermost);
  switch (change.kind) {
    case 'edge':
    case 'join':
      return leadsOn(change.names, reachable) || (change.kind === 'join' && waiting.has(change.names.at(-1) ?? ''));
    case 'node':
    case 'order':
      return change.names.some((name) => reachable.has(name));
    case 'field':
      return migrate === 'none' && isFieldProblem(change);
    case 'state':
      return migrate === 'none';
    case 'name':
    case 'version':
    case 'schemas':
    case 'start':
      return false;
  }
}

/** `names`: of an edge or a join, the node that it leads to last. */
function leadsOn(names: readonly string[], reachable: ReadonlySet<string>): boolean {
  return names.slice(0, -1).some((name) => reachable.has(name));
}

/** The run keeps the value of a removed field. */
function isFieldProblem({ change, replayed }: PartChange): boolean {
  switch (change) {
    case 'added':
      return isRecordValue(replayed) && replayed.required === true;
    case 'changed':
      return true;
    case 'removed':
      return false;
  }
}

/** Leaves out what may change, so that a run that failed by it can be resumed with another: limits, for example. */
function comparedShape(graph: GraphDescription): GraphDescription {
  const nodes = graph.nodes.map(({ attempts: _attempts, timeoutMs: _timeoutMs, maxConcurrent: _max, ...node }) => {
    const { resumable: _resumable, emptyRoute: _emptyRoute, subgraph, ...shape } = node;
    return subgraph === undefined ? shape : { ...shape, subgraph: comparedShape(subgraph) };
  });
  return { ...graph, nodes };
}

/** Follows edges, joins, error handlers and what may be sent from the frontier and from the joins that are waiting. */
function reachableNodes(
  graph: GraphDescription,
  { frontier }: UpgradedRun,
  waiting: ReadonlySet<string>,
): ReadonlySet<string> {
  const handlers = new Map(graph.nodes.map(({ name, onError }) => [name, onError]));
  const subgraphs = new Set(graph.nodes.flatMap(({ name, subgraph }) => (subgraph === undefined ? [] : [name])));
  const sentTo = sendTargets(graph);
  const found = new Set([...frontier.map(({ node }) => node), ...waiting]);
  // The loop visits what it adds.
  for (const node of found) {
    for (const edge of graph.edges)
      if (edge.kind === 'edge' ? edge.from === node : edge.from.includes(node)) found.add(edge.to);
    const handler = handlers.get(node);
    if (handler !== undefined) found.add(handler);
    if (!subgraphs.has(node)) for (const target of sentTo) found.add(target);
  }
  return found;
}

function sendTargets({ nodes }: GraphDescription): readonly string[] {
  const handlers = new Set(nodes.map(({ onError }) => onError));
  return nodes.flatMap(({ name, takesInput }) => (takesInput && !handlers.has(name) ? [name] : []));
}

function waitingTargets(graph: GraphDescription, { joins }: UpgradedRun): ReadonlySet<string> {
  return new Set(joinsOf(graph).flatMap(({ to }, place) => (isWaiting(joins, place) ? [to] : [])));
}

/**
 * Joins that hold arrivals and have moved to another place. The comparison finds those that were changed or removed.
 */
function movedJoins(recorded: GraphDescription, current: GraphDescription, run: UpgradedRun): readonly GraphPart[] {
  const before = joinsOf(recorded);
  const after = joinsOf(current);
  return before.flatMap((join, place) => {
    const isSame = (other: Join | undefined): boolean => sameJoin(join, other);
    if (!isWaiting(run.joins, place) || isSame(after[place]) || !after.some(isSame)) return [];
    const ordinal = before.slice(0, place).filter(isSame).length;
    return [{ kind: 'join', names: [...join.from, join.to], ordinal, subgraph: [] } as const];
  });
}

type Join = EdgeDescription & { readonly kind: 'join' };

function joinsOf({ edges }: GraphDescription): readonly Join[] {
  return edges.filter((edge) => edge.kind === 'join');
}

function isWaiting(joins: JoinArrivals | undefined, place: number): boolean {
  return joins !== undefined && Object.hasOwn(joins, String(place));
}

function sameJoin(one: Join, other: Join | undefined): boolean {
  return other !== undefined && sameValue(one as Value, other as Value);
}
