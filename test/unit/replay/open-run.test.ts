// A run that is read from its fixture tells when things happened, as one that is read from its store does.
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { openRun } from 'reprise/replay';
import { expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';

const desk = graph('desk', { state: fields({ text: last('') }) })
  .node('write', async (_state, { effect, emit }) => {
    emit('begun', {});
    const text = await effect('model', {}, () => 'a text');
    return { delta: { text } };
  })
  .start('write')
  .build();

async function timesIn(source: Parameters<typeof openRun>[0]): Promise<readonly unknown[]> {
  const opened = await openRun(source);
  const entries: Entry[] = [];
  for await (const step of opened.steps) entries.push(...step.entries);
  opened.close();
  return entries.map(({ kind, at, observed }) => {
    const { began, ended, time } = observed as { began?: number; ended?: number; time?: number };
    return { kind, at, began, ended, time };
  });
}

it('tells when each of its entries came', async () => {
  const store = memoryStore();
  await createEngine(desk, { store }).run({}, { runId: 'one', seed: 'seed' });
  const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
  const times = await timesIn({ kind: 'fixture', path });
  expect(times.map((entry) => (entry as { kind: string }).kind)).toContain('outcome');
  expect(times).toEqual(await timesIn({ kind: 'stored', store, runId: 'one' }));
});
