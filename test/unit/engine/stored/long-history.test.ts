// Looking back at a long run reads from its checkpoints and from its end, not from its start.
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, sum } from '../../../../src/index.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { changedStore } from '../../../support/changed-store.ts';
import { sharedFolder } from '../../../support/folder.ts';

const stepCount = 3_000;
const path = join(sharedFolder(), 'long.db');

const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('count', ({ count }, { label }) => {
    if (count % 1_000 === 0) label(`thousand ${count / 1_000}`);
    if (count % 7 === 0) label('seventh');
    return { delta: { count: 1 } };
  })
  .edge('count', 'count', { when: ({ count }) => count < stepCount })
  .start('count')
  .build();

beforeAll(async () => {
  const engine = createEngine(counter, { store: sqliteStore(path, { checkpointLength: 10_000 }) });
  await engine.run({}, { runId: 'run' }).orThrow();
  await engine.label('run', 2_500, 'seen');
  await engine.close();
});

/** An engine, and how many entries have been read through it. */
function reading() {
  const inner = sqliteStore(path);
  let readCount = 0;
  const store: RunStore = changedStore(inner, {
    read: async function* (...given: Parameters<RunStore['read']>) {
      for await (const entry of inner.read(...given)) {
        readCount += 1;
        yield entry;
      }
    },
  });
  return { engine: createEngine(counter, { store }), read: () => readCount };
}

it('lists a part of a history as the whole has it', async () => {
  const { engine } = reading();
  const whole = await engine.history('run');
  expect(whole).toHaveLength(stepCount + 1);
  for (const [after, limit] of [
    [0, 3],
    [999, 5],
    [1_234, 1],
    [2_498, 4],
    [2_999, 9],
    [3_000, 9],
  ] as const)
    expect(await engine.history('run', { after, limit })).toEqual(whole.slice(after + 1, after + 1 + limit));
  await expect(engine.history('run', { after: -1 })).rejects.toMatchObject({ code: 'option-invalid' });
  await engine.close();
});

it.each<[string, number, (given: ReturnType<typeof reading>) => Promise<unknown>]>([
  ['a part of the history', 300, ({ engine }) => engine.history('run', { after: 2_990 })],
  ['the state after a step', 300, ({ engine }) => engine.stateAt('run', 2_700)],
  ['the state at a late label', 5_000, ({ engine }) => engine.stateAt('run', 'thousand 2')],
  ['the state at the last of many labels', 3_000, ({ engine }) => engine.stateAt('run', 'seventh')],
  ['the state at a label given later', 3_000, ({ engine }) => engine.stateAt('run', 'seen')],
])('reads little for %s', async (_what, most, look) => {
  const one = reading();
  const found = await look(one);
  expect(found).toBeDefined();
  expect(one.read()).toBeLessThan(most);
  await one.engine.close();
});

it('finds the latest step of each label', async () => {
  const { engine } = reading();
  for (const [label, count] of [
    ['thousand 0', 1],
    ['thousand 1', 1_001],
    ['thousand 2', 2_001],
    ['seventh', 2_997],
    ['seen', 2_500],
  ] as const)
    expect(await engine.stateAt('run', label)).toEqual({ count });
  await expect(engine.stateAt('run', 'thousand 9')).rejects.toMatchObject({ code: 'step-unknown' });
  await engine.close();
});
