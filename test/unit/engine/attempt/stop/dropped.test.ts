// A run is cancelled that nobody drives: what its dropped attempts had acquired is given back all the same.
import { append, cancelStoredRun, createEngine, fields, graph, memoryStore } from 'reprise';
import type { EngineOptions, RunStore } from 'reprise';
import { describe, expect, it } from 'vitest';
import { keptStore } from '../../../../support/changed-store.ts';
import { collected } from '../../../../support/journals.ts';

const quick = { graceMs: 100, cleanupMs: 1_000 };
const state = () => fields({ out: append<string>() });

/** Nodes that take a lock, and then wait for people; `locking` is called while the lock is being taken. */
function holders(log: string[], locking: (name: string) => Promise<void> | void = () => undefined) {
  const inner = graph('inner', { state: state() }).node('hold', hold('inner')).start('hold').build();
  function hold(name: string) {
    return async (_state: unknown, { ask, effect, onStop }: Parameters<Parameters<typeof wide.node>[1]>[1]) => {
      onStop(({ effect }) => effect('unlock', name, () => void log.push(`unlock ${name}`)));
      await effect('lock', name, async () => {
        log.push(`lock ${name}`);
        await locking(name);
      });
      await ask('done?', { name });
    };
  }
  const wide = graph('holders', { state: state() });
  return wide
    .node('go', () => undefined)
    .node('left', hold('left'))
    .node('right', hold('right'))
    .subgraph('deep', inner, { input: () => ({}), output: () => ({}) })
    .node('free', async (_state, { ask }) => void (await ask('free?', { name: 'free' })))
    .edge('go', 'left')
    .edge('go', 'right')
    .edge('go', 'deep')
    .edge('go', 'free')
    .start('go')
    .build();
}

const locks = ['lock inner', 'lock left', 'lock right'];
const unlocks = ['unlock inner', 'unlock left', 'unlock right'];

async function statusOf(store: RunStore): Promise<string | undefined> {
  return (await store.find('r'))?.status;
}

describe.concurrent('a cancel of a run that nobody drives', () => {
  it.each(['effect', 'step'] as const)(
    'is followed by the clean-up of a paused run, at level %s',
    async (durability) => {
      const log: string[] = [];
      const store = memoryStore();
      const engine = createEngine(holders(log), { ...quick, store, durability });
      expect((await engine.run({}, { runId: 'r' })).status).toBe('paused');
      expect(await engine.cancel('r', 'enough')).toBe(true);
      expect(await statusOf(store)).toBe('cancelled');
      expect(log.toSorted()).toEqual([...locks, ...unlocks].toSorted());
      expect(await engine.cancel('r')).toBe(false);
      const stops = (await collected(store.read('r'))).filter(({ kind }) => kind === 'stop');
      expect(stops.map(({ at }) => at).toSorted()).toEqual(['2.0#1', '2.1#1', '2.2#1', '2.2#1/1.0#1']);
      await engine.close();
    },
  );

  it.each(['effect', 'step'] as const)(
    'waits for a process with the code of the graph, at level %s',
    async (durability) => {
      const log: string[] = [];
      const store = keptStore(memoryStore());
      const first = createEngine(holders(log), { ...quick, store, durability });
      await first.run({}, { runId: 'r' });
      await first.close();
      expect(await cancelStoredRun(store, 'r', 'enough')).toBe(true);
      expect(await statusOf(store)).toBe('interrupted');
      const next = createEngine(holders(log), { ...quick, store, durability });
      await next.work({ isOnce: true }).done;
      await next.close();
      expect(await statusOf(store)).toBe('cancelled');
      expect(log.slice(3).toSorted()).toEqual(unlocks);
    },
  );

  it.each(['effect', 'step'] as const)('gives back what may have been acquired, at level %s', async (durability) => {
    const log: string[] = [];
    const store = keptStore(memoryStore());
    let engine: { close(): Promise<void> } | undefined;
    let closed: Promise<void> | undefined;
    const made = holders(log, () => {
      closed ??= engine?.close();
      return new Promise(() => undefined);
    });
    const first = createEngine(made, { ...quick, store, durability });
    engine = first;
    expect((await first.run({}, { runId: 'r' })).status).toBe('interrupted');
    await closed;
    const next = createEngine(holders(log), { ...quick, store, durability });
    expect(await next.cancel('r')).toBe(true);
    await next.close();
    expect(await statusOf(store)).toBe('cancelled');
    // A function runs for each attempt that had come as far as to register it.
    const guarded = (await collected(store.read('r'))).filter(({ kind }) => kind === 'guard').length;
    const lockedBy = (what: string): readonly string[] =>
      log.flatMap((line) => (line.startsWith(what) ? [line.slice(what.length)] : [])).toSorted();
    expect(lockedBy('unlock ')).toEqual(expect.arrayContaining([...lockedBy('lock ')]));
    expect(lockedBy('unlock ')).toHaveLength(guarded);
  });

  it('finds attempts that the process which took the run over has not entered yet', async () => {
    const log: string[] = [];
    const store = keptStore(memoryStore());
    const first = createEngine(holders(log), { ...quick, store });
    await first.run({}, { runId: 'r' });
    await first.close();
    const options: EngineOptions = { ...quick, store, maxConcurrent: 1 };
    const next = createEngine(holders(log), options);
    const resumed = next.resume('r');
    expect(await next.cancel('r')).toBe(true);
    await resumed;
    await next.close();
    expect(await statusOf(store)).toBe('cancelled');
    expect(log.slice(3).toSorted()).toEqual(unlocks);
  });

  it('ends the run at once where nothing is registered', async () => {
    const store = memoryStore();
    const plain = graph('plain', { state: state() })
      .node('wait', async (_state, { ask }) => void (await ask('go?')))
      .start('wait')
      .build();
    const engine = createEngine(plain, { store });
    await engine.run({}, { runId: 'r' });
    expect(await cancelStoredRun(store, 'r')).toBe(true);
    expect(await statusOf(store)).toBe('cancelled');
    await engine.close();
  });
});
