// Forks in one file: copied without being decoded, and as if they had been written entry by entry.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { forkOf, writeFork } from '../../../../src/engine/stored/fork.ts';
import { ResumeFold } from '../../../../src/engine/stored/resume/resume-fold.ts';
import { foldRun } from '../../../../src/engine/stored/fold-run.ts';
import { append, createEngine, fields, graph, last } from '../../../../src/index.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import type { StoreCodec } from '../../../../src/store/row/codec.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';

const xor: StoreCodec = {
  name: 'xor',
  encode: (bytes) => bytes.map((byte) => byte ^ 42),
  decode: (bytes) => bytes.map((byte) => byte ^ 42),
};

const stepCount = 700;

/** Its state is large, and some of its values repeat. */
const long = graph('long', { state: fields({ n: last(0), log: append<string>(), big: last('') }) })
  .node('add', ({ n }, { emit }) => {
    emit('seen', { twice: 'same '.repeat(400) });
    return {
      delta: { n: n + 1, log: [`line ${n} `.repeat(5)], ...(n % 100 === 0 ? { big: `${n} `.repeat(3_000) } : {}) },
    };
  })
  .edge('add', 'add', { when: ({ n }) => n < stepCount })
  .start('add')
  .build();

interface Parent {
  readonly path: string;
  readonly store: SqliteStore;
}

async function parentIn(codec: StoreCodec | undefined): Promise<Parent> {
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path, codec === undefined ? {} : { codec });
  onTestFinished(() => store.close());
  const engine = createEngine(long, { store: shared(store) });
  // With terms that change on the way.
  await engine.run({}, { runId: 'run', pauseAfter: ['add'], timeoutMs: 60_000 });
  await engine.resume('run', { pauseAfter: [] }).orThrow();
  await engine.close();
  return { path, store };
}

/** An engine closes its store, and this one is used again. */
function shared(store: SqliteStore): RunStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return () => undefined;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Without the method, so that every entry is read and written again. */
function plain(store: SqliteStore): RunStore {
  return new Proxy(shared(store), { get: (target, name) => (name === 'fork' ? undefined : Reflect.get(target, name)) });
}

async function forked(store: RunStore, runId: string, step: number): Promise<readonly Entry[]> {
  const fork = await forkOf(store, 'run', { step, runId, patch: { big: 'patched' } }, { now: 9_000 });
  await store.release(await writeFork(store, fork));
  return collected(store.read(runId));
}

function withoutId(entries: readonly Entry[]): readonly unknown[] {
  const [run, ...rest] = entries;
  return [{ ...run, observed: { ...run?.observed, runId: '' } }, ...rest];
}

describe.each([
  ['in a file that anyone can read', undefined],
  ['in a file with a codec', xor],
])('a fork %s', (_title, codec) => {
  it('has the journal that it would have if it were written entry by entry, and stands on its own', async () => {
    const { store } = await parentIn(codec);
    const entries = new Map<number, readonly Entry[]>();
    for (const step of [0, 1, 2, 249, 650, stepCount - 1]) {
      const copied = await forked(store, `copied-${step}`, step);
      expect(withoutId(copied)).toEqual(withoutId(await forked(plain(store), `written-${step}`, step)));
      entries.set(step, copied);
    }
    await store.delete('run');
    await store.vacuum();
    for (const [step, copied] of entries) {
      expect(await collected(store.read(`copied-${step}`))).toEqual(copied);
      const fold = new ResumeFold();
      for (const entry of copied) fold.add(entry);
      const resumed = new ResumeFold();
      await foldRun(store, `copied-${step}`, resumed);
      expect(resumed.checkpoint).toEqual(fold.checkpoint);
    }
    const engine = createEngine(long, { store: shared(store) });
    expect(await engine.resume('copied-650').orThrow()).toMatchObject({ n: stepCount, log: { length: stepCount } });
    await engine.close();
  });

  it('is read from a checkpoint of its own', async () => {
    const { store } = await parentIn(codec);
    await forked(store, 'fork', 650);
    const checkpoint = await store.checkpoint?.('fork');
    expect(checkpoint?.checkpoint).toMatchObject({ step: 650, run: { observed: { runId: 'fork' } } });
  });
});

describe('a fork that cannot be written', () => {
  it('is refused where the parent is damaged, and leaves no run', async () => {
    const { path, store } = await parentIn(undefined);
    const file = new Database(path);
    file.prepare('UPDATE entry SET time = time + 1 WHERE sequence = 100').run();
    file.close();
    await expect(forked(store, 'fork', 650)).rejects.toMatchObject({ code: 'store-unreadable' });
    expect(await store.find('fork')).toBeUndefined();
    await store.vacuum();
    const swept = new Database(path, { readonly: true });
    onTestFinished(() => void swept.close());
    expect(swept.prepare('SELECT DISTINCT run FROM entry').all()).toHaveLength(1);
    expect(swept.prepare('SELECT DISTINCT run FROM part').all()).toHaveLength(1);
  });

  it('is refused where its id is taken', async () => {
    const { store } = await parentIn(undefined);
    await forked(store, 'fork', 5);
    await expect(forked(store, 'fork', 6)).rejects.toMatchObject({ code: 'run-exists' });
  });

  it('is begun anew where another process sweeps the file meanwhile', async () => {
    const { path, store } = await parentIn(undefined);
    const other = sqliteStore(path);
    onTestFinished(() => other.close());
    const writing = forked(store, 'fork', 650);
    const file = new Database(path, { readonly: true });
    onTestFinished(() => void file.close());
    const reserved = file.prepare('SELECT number FROM deleted');
    while (reserved.get() === undefined) await new Promise(setImmediate);
    const before = reserved.get();
    await other.vacuum();
    expect(reserved.get()).not.toEqual(before);
    expect(withoutId(await writing)).toEqual(withoutId(await forked(plain(store), 'written', 650)));
  });
});
