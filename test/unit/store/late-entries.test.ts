// An entry may come late: an answer that nobody read ends after its step, and a note may be about an earlier one. How far the
// run has come does not change with it.
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, sum } from 'reprise';
import type { RunStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { sqliteStore } from 'reprise/sqlite';
import { commitEntry, noteEntry, runEntry } from '../../../src/explore/store/law-entries.ts';
import { temporaryFolder } from '../../support/folder.ts';

const server = createServer((_request, response) => {
  response.statusCode = 503;
  response.end('{"error":"try again"}');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const turns = graph('turns', { state: fields({ n: sum() }) })
  .node('turn', async (state) => {
    // Nobody reads its body.
    if (state.n === 1) await fetch(url);
    return { delta: { n: 1 } };
  })
  .node('approve', async (_state, { ask }) => {
    await ask('ok?');
  })
  .edge('turn', 'turn', { when: (state) => state.n < 4 })
  .edge('turn', 'approve', { when: (state) => state.n >= 4 })
  .start('turn')
  .build();

describe.each([
  ['memory', () => memoryStore()],
  ['SQLite', () => sqliteStore(join(temporaryFolder(), 'runs.db'))],
] as const)('a store in %s', (_name, open: () => RunStore) => {
  it('keeps the step of a run after an entry about an earlier one', async () => {
    const store = open();
    const lease = await store.create(runEntry('run'));
    await store.append(lease, [commitEntry('0'), commitEntry('1'), commitEntry('2'), noteEntry('1.0#1')]);
    expect(await store.find('run')).toMatchObject({ step: 2, entryCount: 5 });
    await store.append(lease, [noteEntry('1.0#1')]);
    expect(await store.find('run')).toMatchObject({ step: 2, entryCount: 6 });
    await store.append(lease, [commitEntry('3')]);
    expect(await store.find('run')).toMatchObject({ step: 3 });
    await store.close();
  });

  it('says as many steps as the run does where a body was left unread', async () => {
    const store = open();
    await using engine = createEngine(turns, { store, effects: [httpEffects()] });
    const run = await engine.run({}, { runId: 'run' });
    expect({ status: run.status, steps: run.steps, stored: (await store.find('run'))?.step }).toEqual({
      status: 'paused',
      steps: 4,
      stored: 4,
    });
    const fork = await engine.fork('run', { runId: 'fork', step: 3 });
    expect(fork.steps).toBe(4);
    expect((await store.find('fork'))?.step).toBe(4);
    await store.close();
  });
});
