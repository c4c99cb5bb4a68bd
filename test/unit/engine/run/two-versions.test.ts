// A run that two versions of its graph have driven, one after the other, says so where it diverges.
import { append, createEngine, fields, graph, memoryStore, sum } from 'reprise';
import type { AnyGraph } from 'reprise';
import { compareRuns } from 'reprise/diff';
import type { DivergenceClass } from 'reprise/diff';
import { exportRunTo } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import { expect, it } from 'vitest';
import { canonicalEntries } from '../../../../src/journal/run/canonical.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';

type Version = 'first' | 'other code' | 'other graph';

/** A loop whose later versions ask for something else; one of them has a node more in it. */
function looping(version: Version): AnyGraph {
  const begun = graph('looping', { state: fields({ n: sum(), log: append<string>() }) })
    .node('ask', async ({ n }, { effect }) => {
      const request = version === 'first' ? { n } : { n, extra: true };
      return { delta: { n: 1, log: [await effect('ask', request, () => `${n}`)] } };
    })
    .start('ask');
  const isOpen = { when: ({ n }: { readonly n: number }) => n < 6 };
  if (version !== 'other graph') return begun.edge('ask', 'ask', isOpen).build() as unknown as AnyGraph;
  return begun
    .node('look', ({ n }) => ({ delta: { log: [`looked at ${n}`] } }))
    .edge('ask', 'look', isOpen)
    .edge('look', 'ask')
    .build() as unknown as AnyGraph;
}

/** The fixture of a run that the first version drove for three steps, and another one from there on. */
async function drivenBy(later: Version): Promise<string> {
  const store = memoryStore();
  {
    await using engine = createEngine(looping('first'), { store: keptStore(store) });
    await engine.run({}, { runId: 'run', pauseAfter: ['ask'] });
    await engine.resume('run');
    await expect(engine.resume('run')).resolves.toMatchObject({ status: 'paused', state: { n: 3 } });
  }
  await using engine = createEngine(looping(later), { store: keptStore(store) });
  const run = await engine.resume('run', { pauseAfter: [], ...(later === 'first' ? {} : { force: true }) });
  expect(run.status).toBe('done');
  return await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
}

/** The first divergence that is none of the graph, with its classes. */
async function causeOf(path: string, version: Version): Promise<readonly [string, DivergenceClass, ...string[]]> {
  const { report } = await replay(looping(version), path);
  expect(report.verdict).toBe('diverged');
  const root = report.roots.find(({ place }) => report.divergences[place]?.kind !== 'graph');
  return [report.divergences[root?.place ?? 0]?.at ?? '', root?.class ?? 'engine fault', ...(root?.mayBe ?? [])];
}

it('is known by its graph: what another graph made is of two versions, and the change is no news', async () => {
  const path = await drivenBy('other graph');
  expect(await causeOf(path, 'first')).toEqual(['4.0#1', 'two versions', 'request changed', 'uncontrolled input']);
  expect(await causeOf(path, 'other graph')).toEqual([
    '1.0#1',
    'two versions',
    'request changed',
    'uncontrolled input',
  ]);
  const { report } = await replay(looping('other graph'), path);
  const ofGraph = report.roots.filter(({ place }) => report.divergences[place]?.kind === 'graph');
  expect(ofGraph.map((root) => root.class)).toEqual(ofGraph.map(() => 'two versions'));
  expect(ofGraph).not.toEqual([]);
});

it('is known by a resume with `force` alone where the graph is the same', async () => {
  const path = await drivenBy('other code');
  for (const [version, at] of [
    ['first', '4.0#1'],
    ['other code', '1.0#1'],
  ] as const)
    expect(await causeOf(path, version)).toEqual([at, 'request changed', 'uncontrolled input', 'two versions']);
});

it('is told by a comparison with a run of one version', async () => {
  const [one, other] = [await drivenBy('first'), await drivenBy('other graph')];
  const [left, right] = [
    await openRun({ kind: 'fixture', path: one }),
    await openRun({ kind: 'fixture', path: other }),
  ];
  const { roots, divergences } = await compareRuns(left, right);
  left.close();
  right.close();
  expect([...new Set(roots.map((root) => root.class))]).toEqual(['two versions']);
  expect(divergences.find(({ kind }) => kind !== 'graph')?.step).toBe(4);
});

it('changes nothing of what runs compare as, nor of runs that one version drove', async () => {
  const path = await drivenBy('first');
  expect((await replay(looping('first'), path)).report.verdict).toBe('same');
  expect(await causeOf(path, 'other code')).toEqual(['1.0#1', 'request changed', 'uncontrolled input']);
  const stores = [memoryStore(), memoryStore()];
  for (const [place, store] of stores.entries()) {
    await using engine = createEngine(looping('first'), { store: keptStore(store) });
    await engine.run({}, { runId: 'run', seed: 's', pauseAfter: ['ask'] });
    await engine.resume('run', { pauseAfter: [], force: place === 1 });
  }
  const [plain, forced] = await Promise.all(
    stores.map(async (store) =>
      canonicalEntries(await collected(store.read('run'))).map((entry) => ({ ...entry, observed: {} })),
    ),
  );
  expect(forced).toEqual(plain);
});
