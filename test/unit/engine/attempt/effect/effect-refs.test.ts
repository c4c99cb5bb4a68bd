import { expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../../../../src/index.ts';
import { exportRunTo } from '../../../../../src/record/index.ts';
import { replay } from '../../../../../src/replay/index.ts';
import { entriesOf } from '../../../../support/fixture-file.ts';
import { temporaryFolder } from '../../../../support/folder.ts';

it('tells apart many effects of one attempt as it does few: by how many equal ones came before', async () => {
  const many = graph('many', { state: fields({ sum: last(0) }) })
    .node('ask', async (_state, { effect }) => {
      let sum = 0;
      for (let call = 0; call < 300; call += 1) sum += await effect('get', { key: call % 7 }, () => call);
      return { delta: { sum } };
    })
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(many, { store });
  await engine.run({}, { runId: 'run' });
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/`);
  const seen = new Map<string, number>();
  for (const entry of await entriesOf(path)) {
    if (entry.kind !== 'effect') continue;
    const key = JSON.stringify(entry.request);
    expect(entry.occurrence).toBe(seen.get(key) ?? 0);
    seen.set(key, entry.occurrence + 1);
  }
  expect([...seen.values()].sort()).toEqual([42, 43, 43, 43, 43, 43, 43]);
  expect((await replay(many, path)).report.verdict).toBe('same');
});
