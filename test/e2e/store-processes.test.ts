// Several processes with one store file. They are real processes, since they must share nothing but the file.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { RunStore } from '../../src/port/store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collected, eventEntry } from '../support/journals.ts';

interface Started {
  readonly child: ChildProcess;
  /** The next line that the process writes. */
  readonly line: () => Promise<string>;
}

function start(...given: readonly string[]): Started {
  const child = spawn(process.execPath, ['test/support/store-process-main.ts', ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}

function storeIn(path: string): RunStore {
  const store = sqliteStore(path);
  onTestFinished(() => store.close());
  return store;
}

async function ordinals(store: RunStore, runId: string): Promise<readonly number[]> {
  const entries = await collected(store.read(runId));
  return entries.flatMap((entry) => (entry.kind === 'event' ? [entry.ordinal] : []));
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_unused, index) => index);

describe('processes with one store', () => {
  it('write their own runs at the same time, into a file that did not exist before', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const names = ['one', 'two', 'three'];
    const processes = names.map((name) => start('whole', path, name, '200'));
    for (const { line } of processes) expect(JSON.parse(await line())).toEqual({ written: 200 });
    const store = storeIn(path);
    for (const name of names) {
      expect(await store.find(name)).toMatchObject({ status: 'done', entryCount: 202 });
      expect(await ordinals(store, name)).toEqual(upTo(200));
      for await (const entry of store.read(name)) {
        if (entry.kind === 'event') expect(entry.data).toMatchObject({ runId: name });
      }
    }
  });

  it('create a run with a given id only once', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const processes = upTo(3).map(() => start('whole', path, 'same', '20'));
    const results = await Promise.all(processes.map(async ({ line }) => JSON.parse(await line())));
    expect(results.filter(({ written }) => written === 20)).toHaveLength(1);
    expect(results.filter(({ code }) => code === 'run-exists')).toHaveLength(2);
    expect(await ordinals(storeIn(path), 'same')).toEqual(upTo(20));
  });

  it('take over a run: the old owner learns of it at its next write, which is refused', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const first = start('batches', path, 'run-1');
    expect(await first.line()).toBe('begun');
    const store = storeIn(path);
    const lease = await store.take('run-1');
    const taken = (await ordinals(store, 'run-1')).length;
    expect(JSON.parse(await first.line())).toEqual({ code: 'lease-lost' });
    await store.append(lease, [eventEntry('1.0#1', { ordinal: taken, data: 'mine' })]);
    const entries = (await collected(store.read('run-1'))).slice(1);
    expect(entries.map((entry) => (entry.kind === 'event' ? entry.ordinal : -1))).toEqual(upTo(taken + 1));
    expect(entries.filter((entry) => entry.kind === 'event' && entry.data !== first.child.pid)).toHaveLength(1);
    expect(entries.at(-1)).toMatchObject({ data: 'mine' });
  });

  it('may be killed at any moment: each append is there as a whole or not at all', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const isLong = process.env.REPRISE_TEST_SIZE === 'long';
    for (const round of upTo(isLong ? 60 : 4)) {
      const runId = `run-${round}`;
      const { child, line } = start('batches', path, runId);
      expect(await line()).toBe('begun');
      const after = 5 + ((round * 37) % 50);
      await new Promise((resolve) => setTimeout(resolve, after));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = sqliteStore(path);
      const written = await ordinals(store, runId);
      expect(written.length).toBeGreaterThan(0);
      expect(written.length % 3).toBe(0);
      expect(written).toEqual(upTo(written.length));
      expect(await store.find(runId)).toMatchObject({ status: 'running', entryCount: written.length + 1 });
      const lease = await store.take(runId);
      await store.append(lease, [eventEntry('1.0#1', { ordinal: written.length })]);
      expect(await ordinals(store, runId)).toEqual(upTo(written.length + 1));
      await store.close();
    }
  });
});
