// A node that never gives the event loop its turn, and workers that are processes of their own: one of them is left.
import { setTimeout as wait } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { makeProject, processOf } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
const worker = `
import { createEngine, fields, graph, last } from 'reprise';
import { sqliteStore } from 'reprise/sqlite';

const looping = graph('looping', { state: fields({ end: last('') }) })
  .node('loop', () => {
    console.log('stuck');
    for (;;);
  })
  .start('loop')
  .build();
const engine = createEngine(looping, { store: sqliteStore('runs.db'), leaseMs: 1_000, maxTakeovers: 0 });
await engine.work({ pollMs: 100 });
`;
const children: ChildProcess[] = [];

beforeAll(() => makeProject(folder, { 'worker.mjs': worker }));
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

it('stops the run once it has taken two of them, and names the node', async () => {
  const store = sqliteStore(join(folder, 'runs.db'));
  const looping = graph('looping', { state: fields({ end: last('') }) })
    .node('loop', () => ({}))
    .start('loop')
    .build();
  const engine = createEngine(looping, { store });
  await engine.enqueue({}, { runId: 'loop-1' });
  for (let count = 0; count < 3; count += 1)
    void processOf(process.execPath, ['worker.mjs'], folder, { onStart: (child) => children.push(child) });
  while ((await store.find('loop-1'))?.status !== 'failed') await wait(50);
  expect(await engine.run({}, { runId: 'loop-1', onExisting: 'attach' })).toMatchObject({
    status: 'failed',
    error: { code: 'takeover-limit', fields: { underWay: ['loop (1.0)'] } },
  });
  expect(children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)).toHaveLength(3);
  await engine.close();
});
