// A caller who asks for faults within a time gets some, however many orders there are to try.
import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, memoryStore } from '../../../src/index.ts';
import { explore } from '../../../src/explore/explore.ts';
import { exportRun } from '../../../src/record/export-run.ts';
import { fileOf } from '../../support/fixture-file.ts';
import { collected } from '../../support/journals.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
/** What tasks write says that nothing can be proved, and nothing depends on it. */
const seen: string[] = [];
const wide = graph('wide', { state: fields({ found: append<string>() }), inputs: { look: input<string>() } })
  .node('plan', (_state, { send }) => ({ route: ids.map((id) => send('look', id)) }))
  .node('look', async (_state, { input: id, effect }) => {
    seen.push(id);
    const page = await effect('search', { id }, () => `page of ${id}`);
    return { delta: { found: [await effect('model', { page }, () => `text of ${page}`)] } };
  })
  .start('plan')
  .build();

it('leaves a part of the time to faults', async () => {
  const store = memoryStore();
  await using engine = createEngine(wide, { store });
  const { id } = await engine.run({});
  const fixture = fileOf(Buffer.concat(await collected(exportRun(store, id))));
  // More orders than can be tried in any time.
  const { rungs } = await explore(wide, fixture, { faults: 'all', timeMs: 4_000, schedules: 1_000_000_000 });
  const faults = rungs.find((rung) => rung.name === 'faults');
  expect(faults).toMatchObject({ of: expect.any(Number), rows: expect.any(Array) });
  expect((faults as { readonly rows: readonly unknown[] }).rows.length).toBeGreaterThan(0);
});
