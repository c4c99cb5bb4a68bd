// Random graphs for the laws: chains, fan-outs, joins, loops, sends and subgraphs; nodes that fail, retry and time out.
import fc from 'fast-check';
import type { BreakpointOptions } from '../../src/engine/options/run-options.ts';
import type {
  EdgeScript,
  EffectStep,
  FieldName,
  GraphScript,
  JoinScript,
  NodeEnd,
  NodeScript,
  NodeStep,
  RouteScript,
} from './reference/script.ts';

const effectStep: fc.Arbitrary<EffectStep> = fc.record({
  kind: fc.constant('effect' as const),
  name: fc.constantFrom('search', 'store'),
  request: fc.integer({ min: 0, max: 3 }),
  fails: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
});

const nodeStep: fc.Arbitrary<NodeStep> = fc.oneof(
  { weight: 4, arbitrary: effectStep },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('parallel' as const),
      effects: fc.array(effectStep, { minLength: 2, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('emit' as const),
      name: fc.constantFrom('seen', 'told'),
      stream: fc.constantFrom('', 'b'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('draw' as const), name: fc.constantFrom('', 'x') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const), delayMs: fc.integer({ min: 0, max: 3 }) }) },
);

const cleanUpStep: fc.Arbitrary<NodeStep> = fc.record({
  kind: fc.constant('onStop' as const),
  undoes: fc.constantFrom<readonly string[]>([], ['search'], ['store']),
});

const waitStep: fc.Arbitrary<NodeStep> = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), name: fc.constantFrom('sure', 'also') }),
  fc.record({ kind: fc.constant('receive' as const), name: fc.constantFrom('go', 'item') }),
  fc.record({
    kind: fc.constant('parallel' as const),
    effects: fc.array(effectStep, { maxLength: 2 }),
    waits: fc.subarray(
      [
        { kind: 'ask', name: 'sure' },
        { kind: 'receive', name: 'go' },
        { kind: 'receive', name: 'item' },
      ] as const,
      { minLength: 1 },
    ),
  }),
);

/** What the nodes of a graph may do besides working: clean up, and wait for people and other programs. */
export type Does = 'work' | 'clean up' | 'wait at the top' | 'wait everywhere';

function stepOf(does: Does): fc.Arbitrary<NodeStep> {
  const work = { weight: 8, arbitrary: nodeStep };
  const cleanUp = { weight: 1, arbitrary: cleanUpStep };
  if (does === 'work') return nodeStep;
  return does === 'clean up' ? fc.oneof(work, cleanUp) : fc.oneof(work, cleanUp, { weight: 4, arbitrary: waitStep });
}

const writes: fc.Arbitrary<readonly FieldName[]> = fc.oneof(
  { weight: 6, arbitrary: fc.subarray<FieldName>(['log', 'total', 'order'], { minLength: 1 }) },
  { weight: 1, arbitrary: fc.constant<readonly FieldName[]>(['latest', 'total']) },
  { weight: 1, arbitrary: fc.constant<readonly FieldName[]>([]) },
);

function route(names: readonly string[]): fc.Arbitrary<RouteScript> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant<RouteScript>({ kind: 'none' }) },
    {
      weight: 5,
      arbitrary: fc
        .array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
        .map((targets): RouteScript => ({ kind: 'routes', targets })),
    },
    { weight: 1, arbitrary: fc.constant<RouteScript>({ kind: 'stop' }) },
    { weight: 1, arbitrary: fc.constant<RouteScript>({ kind: 'empty' }) },
    { weight: 1, arbitrary: fc.constantFrom<RouteScript>({ kind: 'empty' }, { kind: 'unknown' }) },
  );
}

function ends(names: readonly string[]): fc.Arbitrary<readonly NodeEnd[]> {
  const returns: fc.Arbitrary<NodeEnd> = fc.record({
    kind: fc.constant('return' as const),
    writes,
    route: route(names),
  });
  const fails: fc.Arbitrary<NodeEnd> = fc.oneof(
    fc.record({ kind: fc.constant('throw' as const), message: fc.constantFrom('broke', 'gave up') }),
    fc.constant<NodeEnd>({ kind: 'hang' }),
  );
  return fc.oneof(
    { weight: 8, arbitrary: returns.map((end) => [end]) },
    { weight: 2, arbitrary: fc.tuple(fails, returns).map((both) => both) },
    { weight: 1, arbitrary: fails.map((end) => [end]) },
  );
}

interface Drawn {
  readonly steps: readonly NodeStep[];
  readonly ends: readonly NodeEnd[];
  readonly attempts: number;
  readonly handled: boolean;
  readonly isEmptyByEdges: boolean;
  readonly subgraph: GraphScript | undefined;
}

function drawnNode(names: readonly string[], depth: number, does: Does): fc.Arbitrary<Drawn> {
  return fc.record({
    steps: fc.array(stepOf(does), { maxLength: 4 }),
    ends: ends(names),
    attempts: fc.integer({ min: 1, max: 3 }),
    handled: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
    isEmptyByEdges: fc.boolean(),
    subgraph:
      depth === 0
        ? fc.constant(undefined)
        : fc.option(graphScript(depth - 1, does === 'wait at the top' ? 'clean up' : does), {
            nil: undefined,
            freq: 6,
          }),
  });
}

/** Nodes a, b, … are reached by edges and goto; s and t are sent to; h handles failures. */
export function graphScript(depth: number, does: Does = 'work'): fc.Arbitrary<GraphScript> {
  return fc.integer({ min: 1, max: 5 }).chain((count) => {
    const plain = ['a', 'b', 'c', 'd', 'e'].slice(0, count);
    const names = [...plain, 's', 't', 'h'];
    const targets = [...plain, 's', 't'];
    return fc
      .record({
        drawn: fc.tuple(...names.map(() => drawnNode(targets, depth, does))),
        edges: fc.array(edge(plain, names), { maxLength: 6 }),
        joins: fc.array(join(plain), { maxLength: 2 }),
        start: fc.constantFrom(...plain),
      })
      .map(({ drawn, edges, joins, start }) => ({
        name: `graph-${depth}`,
        nodes: names.map((name, index) => nodeScript(name, drawn[index] as Drawn)),
        edges: [...edges, ...joins],
        start,
      }));
  });
}

function nodeScript(name: string, { subgraph, ...drawn }: Drawn): NodeScript {
  const { steps, ends: drawnEnds, attempts, handled, isEmptyByEdges } = drawn;
  const isHandler = name === 'h';
  const takesInput = name === 's' || name === 't' || isHandler;
  // A handler only ends: a loop of failures and handlers would never stop.
  const isSubgraph = subgraph !== undefined && !takesInput;
  const own: readonly NodeEnd[] = isHandler
    ? [{ kind: 'return', writes: ['log', 'total'], route: { kind: 'none' } }]
    : drawnEnds;
  return {
    name,
    takesInput,
    steps,
    ends: own.map(counted),
    attempts,
    // Whether an inner timeout or the outer one fires first depends on the world, so here only inner ones exist.
    ...(own.some((end) => end.kind === 'hang') && !isSubgraph ? { timeoutMs: 60_000 } : {}),
    ...(handled && !isHandler ? { onError: 'h' } : {}),
    ...(isSubgraph ? { subgraph } : isEmptyByEdges ? { emptyRoute: 'edges' } : {}),
  };
}

/** Every node that routes onward counts, and routes stop at a total: otherwise nested fan-outs would never end. */
function counted(end: NodeEnd): NodeEnd {
  if (end.kind !== 'return' || end.route.kind !== 'routes' || end.writes.includes('total')) return end;
  return { ...end, writes: [...end.writes, 'total'] };
}

function edge(plain: readonly string[], names: readonly string[]): fc.Arbitrary<EdgeScript> {
  return fc
    .record({
      from: fc.constantFrom(...names),
      to: fc.constantFrom(...plain),
      below: fc.integer({ min: 0, max: 12 }),
      isBack: fc.boolean(),
    })
    .map(({ from, to, below, isBack }) => ({
      kind: 'edge',
      from,
      to,
      ...(isBack || from >= to || from > 'e' ? { below } : {}),
    }));
}

function join(plain: readonly string[]): fc.Arbitrary<JoinScript> {
  return fc
    .record({
      from: fc.uniqueArray(fc.constantFrom(...plain), { minLength: 1, maxLength: 3 }),
      to: fc.constantFrom(...plain),
    })
    .map(({ from, to }) => ({ kind: 'join', from, to }));
}

/** A graph, and where its runs pause of themselves. */
export function withGates(scripts: fc.Arbitrary<GraphScript>): fc.Arbitrary<readonly [GraphScript, BreakpointOptions]> {
  return scripts.chain((script) => {
    const names = fc.subarray(script.nodes.map(({ name }) => name));
    return fc.tuple(fc.constant(script), fc.record({ pauseBefore: names, pauseAfter: names }));
  });
}

/** The same script without anything that fails by itself. */
export function withoutFailures(script: GraphScript): GraphScript {
  const calm = (node: NodeScript, end: NodeEnd): NodeEnd => {
    const isCalm = end.kind !== 'return' || (end.route.kind !== 'unknown' && end.route.kind !== 'empty');
    return isCalm || (end.route.kind === 'empty' && node.emptyRoute === 'edges')
      ? end
      : { ...end, route: { kind: 'none' } };
  };
  return {
    ...script,
    nodes: script.nodes.map((node) => {
      const { subgraph, timeoutMs: _timeoutMs, ...rest } = node;
      const returns = node.ends.filter((end) => end.kind === 'return').map((end) => calm(node, end));
      return {
        ...rest,
        steps: node.steps.map((step) =>
          step.kind === 'effect'
            ? { ...step, fails: false }
            : step.kind === 'parallel'
              ? { ...step, effects: step.effects.map((effect) => ({ ...effect, fails: false })) }
              : step,
        ),
        ends: returns.length > 0 ? returns : [{ kind: 'return', writes: ['total'], route: { kind: 'none' } }],
        ...(subgraph === undefined ? {} : { subgraph: withoutFailures(subgraph) }),
      };
    }),
  };
}
