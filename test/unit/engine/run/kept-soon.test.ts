// What came back from outside is on disk while something else of its step still takes long.
import { append, createEngine, fields, graph, input, last } from 'reprise';
import { sqliteStore } from 'reprise/sqlite';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Entry } from '../../../../src/journal/entry.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const paying = (work: (topic: string) => Promise<string>) =>
  graph('paying', {
    state: fields({ topics: last<readonly string[]>(), paid: append<string>() }),
    inputs: { pay: input<string>() },
  })
    .node('plan', ({ topics }, { send }) => ({ route: topics.map((topic) => send('pay', topic)) }))
    .node('pay', async (_state, { input: topic, effect }) => ({
      delta: { paid: [await effect('charge', topic, work)] },
    }))
    .start('plan')
    .build();

it('keeps the outcomes of tasks that are done, long before the last of them is', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const held = Promise.withResolvers<string>();
  const engine = createEngine(
    paying((topic) => (topic === 'd' ? held.promise : Promise.resolve(`paid ${topic}`))),
    { store: sqliteStore(path) },
  );
  const run = engine.run({ topics: ['a', 'b', 'c', 'd'] }, { runId: 'one' });
  // As another process reads it.
  const reading = sqliteStore(path);
  const kept = async (): Promise<readonly string[]> => {
    const entries: Entry[] = [];
    for await (const entry of reading.read('one')) entries.push(entry);
    return entries.filter(({ kind, at }) => kind === 'outcome' && at.startsWith('2.')).map(({ at }) => at);
  };
  await vi.waitFor(async () => expect(await kept()).toEqual(['2.0#1', '2.1#1', '2.2#1']), { timeout: 30_000 });
  held.resolve('paid d');
  expect((await run).status).toBe('done');
  await reading.close();
  await engine.close();
});
