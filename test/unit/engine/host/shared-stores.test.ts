// Engines that share a store object, as those of two graphs in one worker: closing one leaves the others their store.
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../../../src/index.ts';
import type { EngineOptions } from '../../../../src/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../../support/folder.ts';

let go: () => void = () => undefined;
let entered = Promise.withResolvers<void>();
beforeEach(() => {
  entered = Promise.withResolvers();
});
const slow = graph('slow', { state: fields({ out: last('') }) })
  .node('wait', async (_state, { effect, signal }) => {
    await effect('begin', null, () => 1);
    await new Promise<void>((resolve, reject) => {
      go = resolve;
      entered.resolve();
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return { delta: { out: 'there' } };
  })
  .start('wait')
  .build();
const quick = graph('quick', { state: fields({}) })
  .node('hello', () => {})
  .start('hello')
  .build();

const wrapped = (): EngineOptions => ({
  observers: [{ observe: () => undefined }],
  record: { to: temporaryFolder() },
});

it.each([
  ['bare', () => ({})],
  ['observed and recorded', wrapped],
])('a store stays open until the last of its engines is closed: %s', async (_name, optionsOf) => {
  const options = optionsOf();
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path);
  const one = createEngine(quick, { store, ...options });
  const other = createEngine(slow, { store, ...options });
  await one.run({});
  const begun = other.run({}, { runId: 'slow-1' });
  await entered.promise;
  await Promise.all([one.close(), one.close()]);
  go();
  expect(await begun).toMatchObject({ status: 'done', state: { out: 'there' } });
  expect((await store.find('slow-1'))?.status).toBe('done');
  await other.close();
  expect(() => store.find('slow-1')).toThrow(expect.objectContaining({ code: 'store-closed' }));
});

it('runs are released where all engines of a store are closed at once', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path);
  const one = createEngine(quick, { store });
  const other = createEngine(slow, { store });
  await one.run({});
  const begun = other.run({}, { runId: 'slow-1' });
  await entered.promise;
  await Promise.all([one.close(), other.close()]);
  expect((await begun).status).toBe('interrupted');
  const again = sqliteStore(path);
  expect((await again.find('slow-1'))?.status).toBe('interrupted');
  await again.close();
});
