// Whatever node of a graph is renamed, removed or added: a lenient replay gets to its end, says that the runs differ where
// they do, and its first divergence names the node.
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { journalOf } from './journals.ts';
import type { EdgeScript, GraphScript, JoinScript, NodeEnd, NodeScript } from './reference/script.ts';
import { graphScript } from './scenario.ts';
import { scriptedGraph } from './scripted-graph.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 3_000 : 100;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_128);
const folder = sharedFolder();

/** A graph with its nodes renamed, or left out where there is no new name. */
function changed(script: GraphScript, nameOf: (name: string) => string | undefined): GraphScript {
  const named = (names: readonly string[]): readonly string[] => names.flatMap((name) => nameOf(name) ?? []);
  const endOf = (end: NodeEnd): NodeEnd => {
    if (end.kind !== 'return' || end.route.kind !== 'routes') return end;
    const targets = named(end.route.targets);
    return { ...end, route: targets.length === 0 ? { kind: 'none' } : { kind: 'routes', targets } };
  };
  const nodes = script.nodes.flatMap((node): readonly NodeScript[] => {
    const name = nameOf(node.name);
    if (name === undefined) return [];
    const { onError: handler, ...rest } = node;
    const onError = handler === undefined ? undefined : nameOf(handler);
    return [{ ...rest, name, ends: node.ends.map(endOf), ...(onError === undefined ? {} : { onError }) }];
  });
  const edges = script.edges.flatMap((edge): readonly (EdgeScript | JoinScript)[] => {
    const to = nameOf(edge.to);
    if (to === undefined) return [];
    if (edge.kind === 'join') {
      const from = named(edge.from);
      return from.length === edge.from.length ? [{ ...edge, from, to }] : [];
    }
    const from = nameOf(edge.from);
    return from === undefined ? [] : [{ ...edge, from, to }];
  });
  return { ...script, nodes, edges, start: nameOf(script.start) ?? script.start };
}

/** A node that every node leads to first. */
function withNode(script: GraphScript, from: string): GraphScript {
  const added: NodeScript = {
    name: 'added',
    takesInput: false,
    steps: [],
    ends: [{ kind: 'return', writes: [], route: { kind: 'stop' } }],
    attempts: 1,
  };
  return {
    ...script,
    nodes: [...script.nodes, added],
    edges: [{ kind: 'edge', from, to: 'added' }, ...script.edges],
  };
}

async function fixtureOf(script: GraphScript): Promise<{ readonly path: string; readonly ran: ReadonlySet<string> }> {
  const store = memoryStore();
  await journalOf(script, { maxConcurrent: 8, schedule: 'order', seed: 'seed', store });
  const path = join(folder, 'run.run.jsonl');
  await exportRunTo(store, 'run', path, { force: true });
  const entries = await collected(store.read('run'));
  const ran = entries.flatMap((entry) =>
    entry.kind === 'commit' && !entry.at.includes('/') ? entry.frontier.map(({ node }) => node) : [],
  );
  return { path, ran: new Set(ran) };
}

const change = fc.constantFrom('renamed', 'removed', 'added');
const mode = fc.constantFrom('effects' as const, 'outputs' as const);

it(`a lenient replay goes past a node that is renamed, removed or added: ${numRuns} graphs, seed ${seed}`, {
  timeout: isLong ? 3_600_000 : 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(graphScript(1), change, fc.nat(), mode, async (script, kind, place, replayMode) => {
      const victims = script.nodes.filter(({ name }) => kind !== 'removed' || name !== script.start);
      fc.pre(victims.length > 0);
      const { name } = victims[place % victims.length] as NodeScript;
      const now =
        kind === 'added'
          ? withNode(script, name)
          : changed(script, (one) => (one !== name ? one : kind === 'renamed' ? 'renamed' : undefined));
      const { path, ran } = await fixtureOf(script);
      const { report } = await replay(scriptedGraph(now), path, { mode: replayMode, strictness: 'lenient' });
      const found = report.divergences.filter(({ kind: of }) => of !== 'graph');
      expect(report.verdict).toBe(found.length === 0 ? 'same' : 'diverged');
      const told = kind === 'removed' ? name : kind;
      expect(report.divergences.some(({ path: part, replayed }) => part.includes(told) || replayed === told)).toBe(
        true,
      );
      if (kind === 'added' || !ran.has(name)) return;
      expect(report.verdict).toBe('diverged');
      expect(JSON.stringify(found[0])).toContain(`"${name}`);
    }),
    { numRuns, seed },
  );
});
