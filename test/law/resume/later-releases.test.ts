// Runs that a later release has begun or written to, in a store that this one uses as well: it refuses them by a code, and leaves
// them as they were to the processes of that release.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createEngine, fields, graph, last } from 'reprise';
import type { RunStore } from 'reprise';
import { sqliteStore } from 'reprise/sqlite';
import { describe, expect, it } from 'vitest';
import { semanticsVersion } from '../../../src/journal/entry.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { cancelStoredRun } from '../../../src/stored-run.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';

const runId = 'run-1';
const built = graph('later', { state: fields({ out: last('') }) })
  .node('go', () => ({ delta: { out: 'done' } }))
  .start('go')
  .build();

/** What its first entry, and nothing else, says otherwise. */
const ways: Readonly<Record<string, (text: string) => string>> = {
  'with later semantics': (text) =>
    text.replace(`"semantics":${semanticsVersion}`, `"semantics":${semanticsVersion + 1}`),
  'with later rules of requests': (text) => text.replace('"seed":', '"rules":{"headers":1,"drawn":99},"seed":'),
  'of a shape that nobody knows yet': (text) =>
    text
      .replace(`"semantics":${semanticsVersion}`, `"semantics":${semanticsVersion + 1}`)
      .replace('"seed":', '"seeds":'),
};

/** A queued run, as a later release would have written it. */
async function enqueued(change: (text: string) => string): Promise<RunStore> {
  const path = join(temporaryFolder(), 'runs.db');
  await using engine = createEngine(built, { store: sqliteStore(path) });
  await engine.enqueue({}, { runId });
  rewritten(path, 0, change);
  return sqliteStore(path);
}

function rewritten(path: string, sequence: number, change: (text: string) => string): void {
  const file = new Database(path);
  const row = file.prepare('SELECT json FROM entry WHERE sequence = ?').get(sequence) as { readonly json: string };
  const json = change(row.json);
  expect(json).not.toBe(row.json);
  // Without a checksum: that of a later release is right.
  file.prepare('UPDATE entry SET json = ?, crc = NULL WHERE sequence = ?').run(json, sequence);
  file.close();
}

const refused = { code: 'store-version-unknown', fields: { runId, sequence: 0 } };

describe.each(Object.entries(ways))('a run %s', (_name, change) => {
  it('is refused wherever it is read, and can still be listed', async () => {
    const store = await enqueued(change);
    await using engine = createEngine(built, { store });
    await expect(collected(store.read(runId))).rejects.toMatchObject(refused);
    await expect(engine.resume(runId)).rejects.toMatchObject(refused);
    await expect(engine.fork(runId, { step: 0 })).rejects.toMatchObject(refused);
    await expect(engine.questions(runId)).rejects.toMatchObject(refused);
    expect(await store.find(runId)).toMatchObject({ status: 'queued', entryCount: 2 });
  });

  it('is left to others by a worker, as it was', async () => {
    const store = await enqueued(change);
    await using engine = createEngine(built, { store });
    const stop = new AbortController();
    const errors: unknown[] = [];
    const heard = Promise.withResolvers<void>();
    const serving = engine.work({
      pollMs: 5,
      signal: stop.signal,
      onError: (thrown) => {
        errors.push(thrown);
        heard.resolve();
      },
    });
    await heard.promise;
    // What comes after it is not held up.
    await engine.enqueue({}, { runId: 'run-2' });
    await expect.poll(async () => (await store.find('run-2'))?.status).toBe('done');
    expect(errors).toMatchObject([refused]);
    const claim = { owner: 'later', leaseMs: 30_000 };
    const { fingerprint } = built.spec;
    const [claimed] = (await store.claimDue?.({ graphs: [{ name: 'later', fingerprint }], claim, limit: 9 })) ?? [];
    expect(claimed).toMatchObject({ was: { runId, status: 'queued', entryCount: 2 } });
    stop.abort();
    await serving;
  });

  it('is cancelled by who can read it, since only that release knows what it has to clean up', async () => {
    const store = await enqueued(change);
    const owner = createEngine(built, { store });
    expect(await owner.cancel(runId, 'enough')).toBe(true);
    expect(await cancelStoredRun(store, runId, 'again')).toBe(true);
    // It is nobody's now.
    const lease = await store.take(runId, { owner: 'later', leaseMs: 30_000 });
    expect(await store.cancelRequests('later')).toEqual([{ runId, reason: 'enough' }]);
    await store.release(lease);
    await owner.close();
  });
});

it('a kind of entry that a later release has added is none of the damages', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path);
  await using engine = createEngine(built, { store });
  await engine.run({}, { runId });
  const entries = await collected(store.read(runId));
  const sequence = entries.findIndex(({ kind }) => kind === 'outcome');
  rewritten(path, sequence, (text) => text.replace('"kind":"outcome"', '"kind":"wish"'));
  const seen: Entry[] = [];
  const reading = (async () => {
    for await (const entry of store.read(runId)) seen.push(entry);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'store-version-unknown', fields: { runId, sequence } });
  await expect(reading).rejects.toThrow('unknown kind of entry "wish"');
});
