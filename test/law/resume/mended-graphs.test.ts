// Random runs that are stuck at a join, resumed with a graph whose joins or edges are others: they continue as the
// reference says, also if the process dies behind any entry of that, or the graph is refused.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { collected } from '../../support/journals.ts';
import { testEngine } from '../../support/test-engine.ts';
import { maxSteps, mendedReference, plainEntries, referenceOf, toItsEnd } from '../journals.ts';
import type { EdgeScript, GraphScript, JoinScript, NodeScript } from '../reference/script.ts';
import { graphScript } from '../scenario.ts';
import { scriptedGraph } from '../scripted-graph.ts';
import { ShuffledWorld } from '../world.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 1_500 : 40;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_129);
const cutsMax = isLong ? 100 : 4;
const timeout = isLong ? 3_600_000 : 180_000;

/** Arrives wherever an edge or a join leads on from it. */
const arriving = (name: string): NodeScript => ({
  name,
  takesInput: false,
  steps: [],
  ends: [{ kind: 'return', writes: ['log'], route: { kind: 'none' } }],
  attempts: 1,
});
/** Arrives nowhere. */
const ending = (name: string): NodeScript => ({
  ...arriving(name),
  ends: [{ kind: 'return', writes: ['log'], route: { kind: 'stop' } }],
});

/** A random graph, in which a few more joins wait for a node that never arrives. */
const stuckScript: fc.Arbitrary<GraphScript> = fc
  .tuple(graphScript(1), fc.array(fc.tuple(fc.constantFrom('u', 'v'), fc.nat(9)), { minLength: 1, maxLength: 3 }))
  .map(([script, waiting]): GraphScript => {
    const plain = script.nodes.filter(({ takesInput }) => !takesInput).map(({ name }) => name);
    const joins = waiting.map(([from, place]): JoinScript => {
      return { kind: 'join', from: [from, 'never'], to: plain[place % plain.length] as string };
    });
    const edges = [...plain, 'u', 'v', 'never'].map((to): EdgeScript => ({ kind: 'edge', from: 'begin', to }));
    return {
      ...script,
      nodes: [...script.nodes, arriving('begin'), arriving('u'), arriving('v'), ending('never')],
      edges: [...edges, ...script.edges, ...joins],
      start: 'begin',
    };
  });

const mend = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('fewer sources', 'edge') },
    { weight: 3, arbitrary: fc.constantFrom('keep', 'last', 'another source') },
    { weight: 1, arbitrary: fc.constantFrom('conditional edge', 'nothing') },
  ),
  isFirst: fc.nat(4).map((draw) => draw > 0),
});
type Mend = typeof mend extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** The graph with something else in place of each of its joins. */
function mended(script: GraphScript, drawn: readonly Mend[]): GraphScript {
  let place = 0;
  const last: JoinScript[] = [];
  const edges = script.edges.flatMap((edge) => {
    if (edge.kind === 'edge') return [edge];
    const change = drawn[place % drawn.length] as Mend;
    place += 1;
    if (change.kind === 'last') last.push(edge);
    return mendedJoin(edge, change);
  });
  return { ...script, edges: [...edges, ...last] };
}

function mendedJoin(join: JoinScript, { kind, isFirst }: Mend): readonly (EdgeScript | JoinScript)[] {
  const from = join.from.at(isFirst ? 0 : -1) as string;
  switch (kind) {
    case 'keep':
      return [join];
    case 'fewer sources':
      return [{ ...join, from: [from] }];
    case 'another source':
      return [{ ...join, from: [...new Set([from, isFirst ? 'u' : 'v'])] }];
    case 'edge':
      return [{ kind: 'edge', from, to: join.to }];
    case 'conditional edge':
      return [{ kind: 'edge', from, to: join.to, below: 1_000 }];
    case 'nothing':
    case 'last':
      return [];
  }
}

async function driven(
  script: GraphScript,
  store: RunStore,
  order: string,
  begin: (engine: RunHost) => Promise<AnyRun>,
): Promise<readonly Entry[]> {
  const world = new ShuffledWorld(order);
  const options = { maxSteps, graceMs: 1_000_000, cleanupMs: 1_000_000 };
  const engine = testEngine(scriptedGraph(script), { store, clock: world, oracle: world }, options);
  try {
    await toItsEnd(engine, store, await begin(engine));
    return await collected(store.read(runId));
  } finally {
    await engine.close();
  }
}

function withoutEdit(entries: readonly Entry[]): readonly object[] {
  return plainEntries(entries).filter(({ kind }) => kind !== 'edit');
}

const counts = { graphs: 0, resumed: 0, continued: 0, refused: 0, kills: 0 };

async function check(script: GraphScript, after: GraphScript, order: string): Promise<void> {
  const begun = asDurable(memoryStore());
  const stuck = await driven(script, begun, order, (engine) => engine.run({}, { runId, seed: 'seed' }));
  counts.graphs += 1;
  const wanted = mendedReference(script, after, 'seed');
  const resumed = async (entries: readonly Entry[], round: string): Promise<readonly Entry[]> =>
    driven(after, await storeWith(entries, asDurable(memoryStore())), `${order} ${round}`, (engine) =>
      engine.resume(runId),
    );
  if (wanted === undefined) {
    await expect(resumed(stuck, '')).rejects.toMatchObject({ code: 'run-not-resumable' });
    counts.refused += 1;
    return;
  }
  const whole = await resumed(stuck, '');
  expect(withoutEdit(whole)).toEqual(wanted);
  counts.resumed += 1;
  if (wanted.length > withoutEdit(stuck).length) counts.continued += 1;
  const stride = Math.max(1, (whole.length - stuck.length) / cutsMax);
  for (let cut = stuck.length + 1; cut < whole.length; cut += stride) {
    const place = Math.floor(cut);
    expect(withoutEdit(await resumed(whole.slice(0, place), `${place}`)), `behind ${place} entries`).toEqual(wanted);
    counts.kills += 1;
  }
}

it('runs that are stuck continue in the mended graph as the reference does', { timeout }, async () => {
  const order = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });
  await fc.assert(
    fc.asyncProperty(
      stuckScript,
      fc.array(mend, { minLength: 1, maxLength: 4 }),
      order,
      async (script, drawn, text) => {
        const end = referenceOf(script, 'seed').at(-1)?.end as { error?: { code?: string }; task?: string };
        fc.pre(end.error?.code === 'no-progress' && end.task === undefined);
        await check(script, mended(script, drawn), text);
      },
    ),
    { numRuns, seed, maxSkipsPerRun: 100 },
  );
  console.log(`mended graphs: ${JSON.stringify(counts)}, seed ${seed}`);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(5);
});
