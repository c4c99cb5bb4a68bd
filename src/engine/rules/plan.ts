// Plan: which tasks run next, given how the tasks of this step ended.
//   Owns:         ranks, routes, edges, joins.
//   Not its job:  running tasks, merging deltas, time.
//   P1. Ranks come from walking the tasks in rank order and the targets of each in declared order, and from nothing
//       else.
//   P2. goto, edge and join targets of one node become one task, at the place of the first. Each send is a task of its
//       own.
//   P3. A join fires when every source has arrived, takes one arrival of each, and keeps the rest.
import { assert } from '../../base/assert.ts';
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { GraphSpec, Target } from '../../graph/spec.ts';
import type { JoinArrivals, Route, TaskSpec } from '../../journal/entry.ts';

/** How a task ended: what the plan needs to know of it. */
export type TaskEnd =
  | { readonly kind: 'done'; readonly node: string; readonly routes?: readonly Route[] }
  /** It failed, and `handler` takes the failure. */
  | { readonly kind: 'handled'; readonly node: string; readonly handler: string; readonly failure: Value };

export interface Plan {
  readonly frontier: readonly TaskSpec[];
  readonly joins: JoinArrivals | undefined;
}

export function planNext(
  graph: GraphSpec,
  state: Value,
  ends: readonly TaskEnd[],
  joins: JoinArrivals | undefined,
): Plan {
  const arrivals = graph.joins.length === 0 ? undefined : countArrivals(graph, ends, joins);
  const firing = arrivals === undefined ? noJoins : takeFiring(graph, arrivals);
  const tasks: TaskSpec[] = [];
  const joined = new Set<string>();
  const arriveAt = (node: string): void => {
    if (joined.has(node)) return;
    joined.add(node);
    tasks.push({ node });
  };
  let sentCount = 0;
  const send = (node: string, input: Value): void => {
    sentCount += 1;
    tasks.push({ node, input });
  };
  for (const end of ends) {
    if (end.kind === 'handled') send(end.handler, end.failure);
    else if (end.routes !== undefined) followRoutes(end.routes, send, arriveAt);
    else {
      for (const target of graph.targets.get(end.node) ?? []) {
        if (target.kind === 'join') {
          if (firing.has(target.join)) arriveAt((graph.joins[target.join] as { to: string }).to);
        } else if (holds(target, end.node, state)) arriveAt(target.to);
      }
    }
  }
  assert(tasks.length === joined.size + sentCount, 'P2: a node has one task for all that leads to it, and one a send');
  return { frontier: tasks, joins: arrivals === undefined ? undefined : remaining(arrivals) };
}

const noJoins: ReadonlySet<number> = new Set();

function followRoutes(
  routes: readonly Route[],
  send: (node: string, input: Value) => void,
  arriveAt: (node: string) => void,
): void {
  for (const route of routes) {
    if (route.kind === 'goto') arriveAt(route.node);
    else if (route.kind === 'send') send(route.node, route.input);
  }
}

function holds(target: Target & { readonly kind: 'edge' }, from: string, state: Value): boolean {
  if (target.when === undefined) return true;
  try {
    return target.when(state as never) === true;
  } catch (cause) {
    throw new RepriseError(
      'predicate-failed',
      `the predicate of the edge from "${from}" to "${target.to}" threw an error`,
      {
        nextStep: 'A predicate gets the merged state and must return true or false: guard against what may be missing.',
        cause,
        fields: { from, to: target.to },
      },
    );
  }
}

type Counts = Map<number, Map<string, number>>;

/** All tasks of one node in one step count as one arrival. A task that returned a route does not arrive. */
function countArrivals(graph: GraphSpec, ends: readonly TaskEnd[], joins: JoinArrivals | undefined): Counts {
  const counts: Counts = new Map();
  for (const [join, sources] of Object.entries(joins ?? {})) counts.set(Number(join), new Map(Object.entries(sources)));
  const arrived = new Set(ends.filter((end) => end.kind === 'done' && end.routes === undefined).map((end) => end.node));
  for (const [join, { from }] of graph.joins.entries()) {
    for (const source of from) {
      if (!arrived.has(source)) continue;
      const counted = counts.get(join) ?? new Map<string, number>();
      counts.set(join, counted.set(source, (counted.get(source) ?? 0) + 1));
    }
  }
  return counts;
}

function takeFiring(graph: GraphSpec, counts: Counts): ReadonlySet<number> {
  const firing = new Set<number>();
  for (const [join, { from }] of graph.joins.entries()) {
    const counted = counts.get(join);
    if (counted === undefined || !from.every((source) => (counted.get(source) ?? 0) > 0)) continue;
    firing.add(join);
    for (const source of from) {
      const count = counted.get(source) ?? 0;
      assert(count > 0, 'P3: a join takes only arrivals that it has');
      counted.set(source, count - 1);
    }
  }
  return firing;
}

function remaining(counts: Counts): JoinArrivals | undefined {
  const kept: Record<string, Record<string, number>> = {};
  for (const [join, sources] of [...counts].sort((left, right) => left[0] - right[0])) {
    const waiting = [...sources].filter(([, count]) => count > 0);
    if (waiting.length > 0) kept[join] = Object.fromEntries(waiting);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** The error for a run that has nothing left to do while a join still waits; undefined if none waits. */
export function noProgress(graph: GraphSpec, joins: JoinArrivals | undefined): RepriseError | undefined {
  if (joins === undefined) return undefined;
  const waiting = Object.entries(joins).flatMap(([join, arrived]) => {
    const spec = graph.joins[Number(join)];
    const missing = spec?.from.filter((source) => !((arrived[source] ?? 0) > 0)) ?? [];
    // A join may keep arrivals from a loop that came round more often. They are an error only if the join still waits
    // for another source.
    return spec === undefined || missing.length === 0 ? [] : [{ join: spec.to, missing }];
  });
  if (waiting.length === 0) return undefined;
  const who = waiting.map(
    ({ join, missing }) => `"${join}" waits for ${missing.map((name) => `"${name}"`).join(', ')}`,
  );
  return new RepriseError('no-progress', `nothing is left to run, but a join ${who.join('; and one ')}`, {
    nextStep: 'A source that returns a route, stops or fails does not arrive at a join: let it end without a route.',
    fields: { waiting },
  });
}
