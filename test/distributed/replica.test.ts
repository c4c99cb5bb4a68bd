// What becomes of somebody who gives the address of a replica: it is read like any store, and a write says what is wrong.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsUpTo, runEntry } from '../../src/explore/store/law-entries.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import type { PostgresStore } from '../../src/store/postgres/index.ts';
import { makeProject } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { sharedFolder } from '../support/folder.ts';
import { skipReason, startReplica, startServer } from './server.ts';
import type { TestReplica, TestServer } from './server.ts';

const why = skipReason();
if (why !== undefined) console.log(`no replica is read: ${why}`);
const patienceMs = 300;
const graphs = `import { fields, graph, last } from 'reprise';
export const desk = graph('desk', { state: fields({ done: last(false) }) })
  .node('do', () => ({ delta: { done: true } }))
  .start('do')
  .build();
`;

describe.skipIf(why !== undefined)('the address of a replica', () => {
  const folder = sharedFolder();
  const open: PostgresStore[] = [];
  let primary: TestServer;
  let replica: TestReplica;
  beforeAll(async () => {
    makeProject(folder, { 'graphs.ts': graphs, 'reprise.config.ts': `export default { graphs: ['graphs.ts'] };\n` });
    primary = await startServer({ isSafe: true });
    replica = await startReplica(primary.port, 'follower');
    const own = postgresStore(primary.url);
    await own.release(await own.create(runEntry('run-1'), eventsUpTo(1)));
    await own.close();
    await vi.waitFor(
      async () => expect((await commandHere(folder, ['list', '--store', replica.url])).out).toContain('run-1'),
      { timeout: 20_000, interval: 100 },
    );
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await replica.remove();
    await primary.remove();
  });

  const storeAt = (url: string): PostgresStore => {
    const store = postgresStore(url, { patienceMs });
    open.push(store);
    return store;
  };

  it('is read by commands, and says in `doctor` what it is', async () => {
    expect((await commandHere(folder, ['show', 'run-1', '--store', replica.url])).code).toBe(0);
    expect((await commandHere(folder, ['doctor', '--store', replica.url])).out).toContain('it is a replica');
  });

  it('is refused by what writes, which says so before patience is over', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const store = storeAt(replica.url);
    await expect(store.take('run-1')).rejects.toMatchObject({
      code: 'store-read-only',
      message: expect.stringContaining('it is a replica, which follows another server'),
      nextStep: expect.stringContaining('primary'),
    });
    expect(warned.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('for 0.3 s')]);
  });

  it('is refused at once where the server is set to take no writes', async () => {
    const set = `${primary.url}?options=-c%20default_transaction_read_only%3Don`;
    const store = postgresStore(set, { patienceMs: 600_000 });
    open.push(store);
    await expect(store.take('run-1')).rejects.toMatchObject({
      code: 'store-read-only',
      message: expect.stringContaining('default_transaction_read_only is on'),
    });
    expect((await store.list({})).map(({ runId }) => runId)).toEqual(['run-1']);
  });

  it('says that it hears of no primary once that is gone, and is written when it has taken its place', async () => {
    await primary.stop('kill');
    const store = storeAt(replica.url);
    await vi.waitFor(
      () =>
        expect(store.take('run-1')).rejects.toMatchObject({
          code: 'store-read-only',
          message: expect.stringContaining('hears of no primary'),
        }),
      { timeout: 20_000 },
    );
    await replica.promote();
    const lease = await store.take('run-1');
    await store.append(lease, eventsUpTo(1, 1), undefined, 2);
  });
});
