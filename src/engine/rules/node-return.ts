// Reads what a node returned as the result of its attempt: `{ delta, route }`, or nothing.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue, isPlainObject } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { checkDelta, checkOwnWrite } from '../../graph/merge/merge-step.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { AttemptResult, Route } from '../../journal/entry.ts';
import { errorValue } from './failure.ts';

export interface ReturnSetup {
  readonly limits: { readonly maxBytes: number };
  readonly node: Pick<NodeSpec, 'name' | 'policy'>;
  readonly graph: GraphSpec;
  readonly state: Value;
}

/** `withChunks`: folds the chunks of a streaming node into its delta. */
export function readNodeReturn(
  returned: unknown,
  setup: ReturnSetup,
  withChunks?: (delta: Value) => Value,
): AttemptResult {
  try {
    const given = readResult(returned, setup.node.name);
    const own = given.delta === undefined ? undefined : readDelta(given.delta, setup);
    const delta = withChunks === undefined ? own : withChunks(own);
    if (delta !== undefined && setup.graph.state.schema !== undefined)
      checkOwnWrite(setup.graph.state, setup.state, { task: '', node: setup.node.name, delta });
    const head = { status: 'done' as const, ...(delta === undefined ? {} : { delta }) };
    const routes = given.route === undefined ? undefined : readRoutes(given.route, setup);
    return routes === undefined ? head : { ...head, routes };
  } catch (thrown) {
    return { status: 'failed', error: errorValue(thrown, setup.node.name) };
  }
}

function readResult(returned: unknown, node: string): { readonly delta?: unknown; readonly route?: unknown } {
  if (returned === undefined) return {};
  if (typeof returned !== 'object' || returned === null || !isPlainObject(returned)) {
    throw outputInvalid(node, `node "${node}" returned ${describe(returned)}`);
  }
  for (const key of Object.keys(returned)) {
    if (key !== 'delta' && key !== 'route') throw outputInvalid(node, `node "${node}" returned a key "${key}"`);
  }
  return returned;
}

function describe(returned: unknown): string {
  if (typeof returned === 'object' && returned !== null && Symbol.asyncIterator in returned)
    return 'an async generator, which is no result';
  return Array.isArray(returned) ? 'a list' : returned === null ? 'null' : `a ${typeof returned}`;
}

function outputInvalid(node: string, message: string): RepriseError {
  return new RepriseError('node-output-invalid', message, {
    nextStep: 'Return `{ delta, route }`, either of which may be left out, or nothing at all.',
    fields: { node },
  });
}

function readDelta(delta: unknown, setup: ReturnSetup): Value {
  const value = canonicalValue(delta, `the delta of node "${setup.node.name}"`, setup.limits);
  checkDelta(setup.graph.state, value, setup.node.name);
  return value;
}

/** Undefined where the edges decide. */
function readRoutes(route: unknown, setup: ReturnSetup): readonly Route[] | undefined {
  const list: readonly unknown[] = Array.isArray(route) ? route : [route];
  if (list.length === 0) {
    if (setup.node.policy.emptyRoute === 'edges') return undefined;
    throw new RepriseError('empty-route', `node "${setup.node.name}" returned an empty list of routes`, {
      nextStep:
        'Return `stop()` to end the branch, or give the node the option `emptyRoute: "edges"` to continue by its edges.',
      fields: { node: setup.node.name },
    });
  }
  return list.map((item) => readRoute(item, setup));
}

function readRoute(route: unknown, { node, graph, limits }: ReturnSetup): Route {
  const {
    kind,
    node: to,
    input,
  } = (typeof route === 'object' && route !== null ? route : {}) as { kind?: unknown; node?: unknown; input?: unknown };
  if (kind === 'stop') return { kind };
  if ((kind !== 'goto' && kind !== 'send') || typeof to !== 'string') {
    throw routeInvalid(
      node.name,
      `node "${node.name}" returned a route that is none: ${JSON.stringify(route) ?? String(route)}`,
    );
  }
  const target = graph.description.nodes.find((candidate) => candidate.name === to);
  if (target === undefined)
    throw routeInvalid(node.name, `"${node.name}" routes to "${to}", which is no node of this graph`);
  if (kind === 'goto') {
    if (target.takesInput)
      throw routeInvalid(node.name, `"${to}" needs an input: "${node.name}" has to use send("${to}", …)`);
    return { kind, node: to };
  }
  if (!target.takesInput)
    throw routeInvalid(node.name, `"${to}" takes no input: "${node.name}" has to use goto("${to}")`);
  const payload = canonicalValue(input, `the payload for node "${to}"`, limits);
  const parse = graph.nodes.get(to)?.parseInput;
  return { kind, node: to, input: parse === undefined ? payload : parse(payload) };
}

function routeInvalid(node: string, message: string): RepriseError {
  return new RepriseError('route-invalid', message, {
    nextStep: 'Create routes with `goto`, `send` and `stop` of the context, and name nodes of the graph.',
    fields: { node },
  });
}
