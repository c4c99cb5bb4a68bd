// The texts of Reprise's own errors may change from release to release. Runs that hold an older text are still the same,
// also where another node took the failure and passed its text on.
import { append, createEngine, failure, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph, RunStore } from 'reprise';
import { compareRuns } from 'reprise/diff';
import { exportRunTo } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { canonicalValue, errorParts, frozenError } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';

/** A node that fails with an error of Reprise, and one that takes its failure. `tells` says what it does with the text. */
function handled(tells: boolean, stream = 'goes'): AnyGraph {
  return graph('handled', { state: fields({ log: append<string>() }), inputs: { mend: failure() } })
    .node('fail', (() => ({ delta: { nothing: stream } })) as never, { onError: 'mend' })
    .node('mend', (_state, { input }) => ({ delta: { log: [tells ? input.message : input.code] } }))
    .start('fail')
    .build() as unknown as AnyGraph;
}

async function recorded(made: AnyGraph): Promise<RunStore> {
  const store = memoryStore();
  await createEngine(made, { store }).run({}, { runId: 'run', seed: 'seed' });
  return store;
}

const text = 'names "nothing", which is no field of this graph';
const older = 'has a field that the graph lacks';

/** The same run, as a release with another text would have recorded it. */
function reworded(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(text, older);
  if (value instanceof Error) {
    const { message, ...parts } = errorParts(value as never);
    return frozenError({ ...parts, message: reworded(message) as string });
  }
  if (Array.isArray(value)) return value.map(reworded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, reworded(one)]));
}

async function asOlder(store: RunStore): Promise<RunStore> {
  const [run, ...entries] = await collected(store.read('run'));
  const copy = memoryStore();
  const lease = await copy.create(run as RunEntry);
  await copy.append(
    lease,
    entries.map((entry) => canonicalValue(reworded(entry), 'entry') as Value as unknown as Entry),
  );
  return copy;
}

describe.each([
  ['does not read it', false],
  ['passes it on', true],
])('the text of an own error, where the node that takes the failure %s', (_name, tells) => {
  it.each(['strict', 'lenient'] as const)('is no difference in a %s replay', async (strictness) => {
    const store = await asOlder(await recorded(handled(tells)));
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    for (const mode of ['effects', 'outputs'] as const) {
      const { report } = await replay(handled(tells), path, { mode, strictness });
      expect(report.divergences).toEqual([]);
      expect(report.compared.steps).toBe(2);
    }
  });

  it('is no difference in what the node is given, between two runs', async () => {
    const now = await recorded(handled(tells));
    const before = await asOlder(now);
    const open = (store: RunStore) => openRun({ kind: 'stored', store, runId: 'run' });
    const { divergences } = await compareRuns(await open(before), await open(now));
    // What a node wrote into the state is its own, wherever it had it from.
    expect(divergences.map(({ kind, path }) => `${kind} ${path}`)).toEqual(
      tells ? ['output delta.log[0]', 'state state.log[0]'] : [],
    );
  });
});

it('another code of an own error is a difference', async () => {
  const path = await exportRunTo(await recorded(handled(false)), 'run', `${temporaryFolder()}/run.run.jsonl`);
  const now = graph('handled', { state: fields({ log: append<string>() }), inputs: { mend: failure() } })
    .node('fail', () => ({ route: [] }), { onError: 'mend' })
    .node('mend', (_state, { input }) => ({ delta: { log: [input.code] } }))
    .start('fail')
    .build();
  const { report } = await replay(now, path);
  expect(report.divergences[0]).toMatchObject({ kind: 'error', at: '1.0#1' });
});
