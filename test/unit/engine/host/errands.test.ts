// Tasks that run on workers: handed out, made, continued and stopped over one file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, last, memoryStore, sum } from '../../../../src/index.ts';
import { effectsInDoubtOf, liveWorkersOf, strandedRunsOf } from '../../../../src/index.ts';
import type { RunStore } from '../../../../src/index.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import { exportRun } from '../../../../src/record/index.ts';
import { replay } from '../../../../src/replay/index.ts';
import { httpEffects } from '../../../../src/live/http/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/index.ts';
import { LoopbackServer } from '../../../support/loopback-server.ts';

let folder: string;
const engines: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errands-'));
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  rmSync(folder, { recursive: true });
});

function opened<E extends { close(): Promise<void> }>(engine: E): E {
  engines.push(engine);
  return engine;
}

function fileStore(): RunStore {
  return sqliteStore(join(folder, 'runs.db'));
}

/** Who has performed what. */
type Seen = string[];

function fanOut(seen: Seen, name: string, act: (n: number) => Promise<number> = async (n) => n + 1) {
  return graph('fan', { state: fields({ done: sum(), n: last(0) }), inputs: { research: input<number>() } })
    .node('begin', (state, { send }) => ({ route: Array.from({ length: state.n }, (_, i) => send('research', i)) }))
    .node(
      'research',
      async (_state, { input: n, effect, emit, random }) => {
        const found = await effect('find', n, async () => {
          seen.push(name);
          return act(n);
        });
        emit('found', { n, luck: random() });
        return { delta: { done: found - n } };
      },
      { on: 'workers', retry: { attempts: 2 } },
    )
    .start('begin')
    .build();
}

async function journalOf(store: RunStore, runId: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.read(runId)) entries.push(entry);
  return entries;
}

const quick = { tasks: ['research'], pollMs: 5 } as const;

describe('tasks that run on workers', () => {
  it('run where a worker takes them, and are gone once their step is committed', async () => {
    const seen: Seen = [];
    const store = fileStore();
    const owner = opened(createEngine(fanOut(seen, 'owner'), { store }));
    const worker = opened(createEngine(fanOut(seen, 'worker'), { store: fileStore() })).work({ ...quick, width: 3 });
    const run = await owner.run({ n: 10 }, { runId: 'run-1' });
    expect(run.status).toBe('done');
    expect(run.state.done).toBe(10);
    expect(seen).toEqual(new Array(10).fill('worker'));
    await worker.stop();
    const entries = await journalOf(store, 'run-1');
    expect(entries.filter(({ kind }) => kind === 'outcome')).toHaveLength(11);
    expect(entries.filter(({ kind }) => kind === 'effect')).toHaveLength(10);
    await expect.poll(() => store.errands?.ended('run-1')).toEqual([]);
  });

  it('have workers that say so for as long as they live, and drive no runs', async () => {
    const store = fileStore();
    const seen: Seen = [];
    const other = fanOut(seen, 'other');
    const owner = opened(createEngine(fanOut(seen, 'owner'), { store }));
    const worker = opened(createEngine(other, { store: fileStore() })).work({ ...quick, build: '1.4.2' });
    await expect.poll(() => liveWorkersOf(store)).toHaveLength(1);
    const { fingerprint } = other.spec;
    expect((await liveWorkersOf(store))[0]).toMatchObject({
      build: '1.4.2',
      graphs: [],
      tasks: [{ graph: 'fan', node: 'research', fingerprint }],
      runCount: 0,
    });
    await owner.enqueue({ n: 0 }, { runId: 'run-1' });
    expect(await strandedRunsOf(store, 9)).toMatchObject([{ runId: 'run-1', graph: 'fan' }]);
    await worker.stop();
    expect(await liveWorkersOf(store)).toEqual([]);
    opened(createEngine(other, { store: fileStore() })).work(quick);
    await expect.poll(() => liveWorkersOf(store)).toHaveLength(1);
    for (const engine of engines.splice(1)) await engine.close();
    expect(await liveWorkersOf(store)).toEqual([]);
  });

  it('are recorded as they are elsewhere, and replay the same', async () => {
    const seen: Seen = [];
    let failures = 0;
    const act = async (n: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, (7 * n) % 5));
      if (n === 3) failures += 1;
      if (n === 3 && failures % 2 === 1) throw new Error('not yet');
      return n + 1;
    };
    const store = fileStore();
    const owner = opened(createEngine(fanOut(seen, 'owner', act), { store }));
    opened(createEngine(fanOut(seen, 'one', act), { store: fileStore() })).work({ ...quick, width: 2 });
    opened(createEngine(fanOut(seen, 'two', act), { store: fileStore() })).work({ ...quick, width: 2 });
    expect((await owner.run({ n: 8 }, { runId: 'run-1', seed: 'seed' })).status).toBe('done');
    expect(new Set(seen)).toEqual(new Set(['one', 'two']));
    const local = memoryStore();
    const alone = opened(createEngine(fanOut(seen, 'alone', act), { store: local }));
    expect((await alone.run({ n: 8 }, { runId: 'run-1', seed: 'seed' })).status).toBe('done');
    const there = join(folder, 'there.run.jsonl');
    writeFileSync(there, await new Response(exportRun(store, 'run-1')).text());
    expect((await replay(fanOut(seen, 'replay', act), there)).report.verdict).toBe('same');
    const canonical = (runs: RunStore): Promise<string> =>
      new Response(exportRun(runs, 'run-1', { observed: false })).text();
    expect(await canonical(store)).toBe(await canonical(local));
  });

  it('continue at another worker from what they have done', async () => {
    const seen: Seen = [];
    const store = fileStore();
    const twoCalls = (name: string, hold: Promise<void>) =>
      graph('pair', { state: fields({ got: last('') }) })
        .node(
          'research',
          async (_state, { effect, uuid }) => {
            const first = await effect('first', null, () => {
              seen.push(`${name} first`);
              return name;
            });
            await hold;
            await effect('second', uuid(), () => void seen.push(`${name} second`));
            return { delta: { got: first } };
          },
          { on: 'workers' },
        )
        .start('research')
        .build();
    const never = new Promise<void>(() => undefined);
    const owner = opened(createEngine(twoCalls('owner', never), { store }));
    const running = owner.run({});
    const one = createEngine(twoCalls('one', never), { store: fileStore(), graceMs: 1 });
    one.work(quick);
    await expect.poll(() => seen).toEqual(['one first']);
    await one.close();
    opened(createEngine(twoCalls('two', Promise.resolve()), { store: fileStore() })).work(quick);
    const run = await running;
    expect(run.state.got).toBe('one');
    expect(seen).toEqual(['one first', 'two second']);
  });

  it('are found again by the process that takes their run over', async () => {
    const seen: Seen = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const act = async (n: number): Promise<number> => {
      if (n > 1) await held;
      return n + 1;
    };
    const first = createEngine(fanOut(seen, 'first', act), { store: fileStore() });
    opened(createEngine(fanOut(seen, 'worker', act), { store: fileStore() })).work(quick);
    const interrupted = first.run({ n: 4 }, { runId: 'run-1' });
    const store = fileStore();
    const outcomes = async (): Promise<number> =>
      (await journalOf(store, 'run-1').catch(() => [])).filter(({ kind }) => kind === 'outcome').length;
    await expect.poll(outcomes).toBe(3);
    await first.close();
    expect((await interrupted).status).toBe('interrupted');
    const second = opened(createEngine(fanOut(seen, 'second', act), { store }));
    const resumed = second.resume('run-1');
    release();
    expect((await resumed).state.done).toBe(4);
    expect(seen).toEqual(new Array(4).fill('worker'));
  });

  it('are found again beside one that has made an exchange, and do nothing twice', async () => {
    const seen: Seen = [];
    await using server = await LoopbackServer.start((_request, response) => response.end('hello'));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const paying = (name: string) =>
      graph('paying', { state: fields({ paid: append<string>() }), inputs: { pay: input<number>() } })
        .node('begin', (_state, { send }) => ({ route: [0, 1, 2].map((n) => send('pay', n)) }))
        .node(
          'pay',
          async (_state, { input: n, effect }) => {
            if (n === 0) await (await fetch(`${server.url}/`)).text();
            const charge = (): string => `${seen.push(`${name} charges ${n}`)}`;
            await effect('charge', { n }, charge, { once: true, onDoubt: 'fail' });
            if (n > 0) await held;
            return { delta: { paid: [`${n}`] } };
          },
          { on: 'workers' },
        )
        .start('begin')
        .build();
    const effects = [httpEffects()];
    const first = createEngine(paying('first'), { store: fileStore(), effects });
    opened(createEngine(paying('worker'), { store: fileStore(), effects })).work({
      ...quick,
      tasks: ['pay'],
      width: 3,
    });
    const interrupted = first.run({}, { runId: 'run-1' });
    const store = fileStore();
    const outcomes = async (): Promise<number> =>
      (await journalOf(store, 'run-1').catch(() => [])).filter(({ kind }) => kind === 'outcome').length;
    await expect.poll(outcomes).toBe(2);
    await expect.poll(() => seen.length).toBe(3);
    await first.close();
    expect((await interrupted).status).toBe('interrupted');
    const second = opened(createEngine(paying('second'), { store, effects }));
    const resumed = second.resume('run-1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    release();
    expect((await resumed).state.paid).toEqual(['0', '1', '2']);
    expect([...seen].sort()).toEqual([0, 1, 2].map((n) => `worker charges ${n}`));
  });

  it('that a dead worker of an older version has are handed out again', async () => {
    const seen: Seen = [];
    const version = (name: string, more: boolean) => {
      const built = graph('ages', { state: fields({ got: last('') }) })
        .node('research', async (_state, { effect }) => ({ delta: { got: await effect('find', null, () => name) } }), {
          on: 'workers',
        })
        .node('last', () => void seen.push(name))
        .node('more', () => undefined)
        .edge('research', 'last')
        .start('research');
      return (more ? built.edge('last', 'more') : built).build();
    };
    const old = createEngine(version('old', false), { store: fileStore() });
    const interrupted = old.run({}, { runId: 'run-1' });
    const store = fileStore();
    await expect.poll(async () => (await store.errands?.waiting(9))?.length).toBe(1);
    const [errand] = (await store.errands?.waiting(9)) ?? [];
    await store.take(errand?.errandId ?? expect.fail(), { owner: 'a worker that dies', leaseMs: 400 });
    await old.close();
    expect((await interrupted).status).toBe('interrupted');
    opened(createEngine(version('today', true), { store: fileStore() })).work(quick);
    const today = opened(createEngine(version('today', true), { store }));
    expect((await today.resume('run-1', { force: true })).state.got).toBe('today');
    expect(seen).toEqual(['today']);
  });

  it('are stopped when a task of a lower rank fails, and clean up where they run', async () => {
    const seen: Seen = [];
    const failing = (name: string) =>
      graph('failing', { state: fields({}), inputs: { research: input<number>() } })
        .node('begin', (_state, { send }) => ({ route: [0, 1, 2].map((n) => send('research', n)) }))
        .node(
          'research',
          async (_state, { input: n, effect, onStop, signal }) => {
            if (n === 0) {
              await expect.poll(() => seen.filter((what) => what.endsWith('begun'))).toHaveLength(2);
              throw new Error('no luck');
            }
            onStop(async (context) => {
              await context.effect('undo', n, () => void seen.push(`${name} ${n} undone`));
            });
            await effect('begin', n, () => void seen.push(`${name} ${n} begun`));
            await new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error));
            });
          },
          { on: 'workers' },
        )
        .start('begin')
        .build();
    const store = fileStore();
    const owner = opened(createEngine(failing('owner'), { store }));
    opened(createEngine(failing('worker'), { store: fileStore() })).work(quick);
    const run = await owner.run({}, { runId: 'run-1' });
    expect(run.status).toBe('failed');
    expect([...seen].sort()).toEqual(['worker 1 begun', 'worker 1 undone', 'worker 2 begun', 'worker 2 undone']);
    const entries = await journalOf(store, 'run-1');
    expect(entries.filter(({ kind }) => kind === 'stop')).toHaveLength(2);
    expect(entries.filter((entry) => entry.kind === 'effect' && entry.name === 'undo')).toHaveLength(2);
    const there = join(folder, 'there.run.jsonl');
    writeFileSync(there, await new Response(exportRun(store, 'run-1')).text());
    expect((await replay(failing('replay'), there)).report.verdict).toBe('same');
  });

  it.each([{}, { once: true }, { once: true, onDoubt: 'fail' }, { onDoubt: 'fail' }] as const)(
    'that were stopped for another are entered again where they were when the run is resumed: %j',
    async (policy) => {
      const calls: string[] = [];
      let isDown = true;
      let begun = 0;
      const built = graph('fan', { state: fields({ log: append<string>() }), inputs: { research: input<string>() } })
        .node('begin', (_state, { send }) => ({
          route: ['refused', 'under way'].map((each) => send('research', each)),
        }))
        .node(
          'research',
          async (_state, { input: name, effect }) => {
            const perform = async (step: string): Promise<string> => {
              calls.push(`${name}: ${step}`);
              if (step === 'pre' || !isDown) return `${step} of ${name}`;
              begun += 1;
              await expect.poll(() => begun).toBe(2);
              if (name === 'refused') throw Object.assign(new Error('declined'), { status: 402 });
              return new Promise<string>(() => undefined);
            };
            const pre = await effect('pre', name, () => perform('pre'), policy);
            const paid = await effect('pay', name, () => perform('pay'), policy);
            return { delta: { log: [pre, paid] } };
          },
          { on: 'workers' },
        )
        .start('begin')
        .build();
      const owner = opened(createEngine(built, { store: fileStore(), graceMs: 0 }));
      opened(createEngine(built, { store: fileStore(), graceMs: 0 })).work({ ...quick, width: 2 });
      expect(await owner.run({}, { runId: 'run-1' })).toMatchObject({ status: 'failed' });
      isDown = false;
      const doubts = await effectsInDoubtOf(fileStore(), 'run-1');
      const decide = Object.fromEntries(doubts.map(({ address }) => [address, { value: 'by hand' }]));
      const run = await owner.resume('run-1', doubts.length === 0 ? {} : { decide });
      const last = 'onDoubt' in policy || 'once' in policy ? 'by hand' : 'pay of under way';
      expect(run).toMatchObject({
        status: 'done',
        state: { log: ['pre of refused', 'pay of refused', 'pre of under way', last] },
      });
      expect(calls.filter((call) => call.endsWith('pre'))).toHaveLength(2);
      const fixture = join(folder, 'run-1.run.jsonl');
      writeFileSync(fixture, await new Response(exportRun(fileStore(), 'run-1')).text());
      expect((await replay(built, fixture)).report.divergences).toEqual([]);
    },
  );

  it('that nobody has taken are taken back when their run is cancelled', async () => {
    const seen: Seen = [];
    const store = fileStore();
    const owner = opened(createEngine(fanOut(seen, 'owner'), { store }));
    const running = owner.run({ n: 3 }, { runId: 'run-1' });
    await expect.poll(async () => (await store.errands?.waiting(9))?.length).toBe(3);
    await owner.cancel('run-1', 'enough');
    expect((await running).status).toBe('cancelled');
    expect(await store.errands?.waiting(9)).toEqual([]);
    expect(seen).toEqual([]);
  });

  it('are given up by their worker when their run was cancelled while nobody drove it', async () => {
    const seen: Seen = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const act = async (n: number): Promise<number> => {
      await held;
      return n + 1;
    };
    const first = createEngine(fanOut(seen, 'first', act), { store: fileStore() });
    const errors: unknown[] = [];
    const onError = (thrown: unknown): void => void errors.push(thrown);
    const worker = opened(createEngine(fanOut(seen, 'worker', act), { store: fileStore() })).work({
      ...quick,
      onError,
    });
    const interrupted = first.run({ n: 2 }, { runId: 'run-1' });
    await expect.poll(() => seen).toHaveLength(2);
    await first.close();
    expect((await interrupted).status).toBe('interrupted');
    const store = fileStore();
    const second = opened(createEngine(fanOut(seen, 'second', act), { store }));
    expect(await second.cancel('run-1', 'enough')).toBe(true);
    expect((await store.find('run-1'))?.status).toBe('cancelled');
    release();
    await worker.stop();
    expect(errors).toEqual([]);
    expect(await store.errands?.ended('run-1')).toEqual([]);
  });

  it('neither ask people nor receive signals, wherever they run', async () => {
    const asking = graph('asking', { state: fields({}) })
      .node('research', async (_state, { ask }) => void (await ask('may I?')), { on: 'workers' })
      .start('research')
      .build();
    const owner = opened(createEngine(asking, { store: fileStore() }));
    opened(createEngine(asking, { store: fileStore() })).work(quick);
    for (const engine of [owner, opened(createEngine(asking))]) {
      const run = await engine.run({});
      expect(run.status === 'failed' && run.error).toMatchObject({ code: 'not-on-workers' });
    }
  });

  it('run beside those of other nodes, and stream what they give', async () => {
    const mixed = (name: string) =>
      graph('mixed', { state: fields({ words: last(''), by: last('') }) })
        .node('begin', (_state, { goto }) => ({ route: [goto('research'), goto('here')] }))
        .node(
          'research',
          async function* (_state, { effect }) {
            yield { words: 'one ' };
            yield { words: `one ${await effect('who', null, () => name)}` };
          },
          { on: 'workers', accumulate: (_delta, chunk) => chunk },
        )
        .node('here', async (_state, { effect }) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { delta: { by: await effect('who', null, () => name) } };
        })
        .start('begin')
        .build();
    const store = fileStore();
    const owner = opened(createEngine(mixed('owner'), { store }));
    opened(createEngine(mixed('worker'), { store: fileStore() })).work(quick);
    const reader = owner.stream({}, { runId: 'run-1' });
    const chunks: unknown[] = [];
    for await (const item of reader) if (item.kind === 'chunk') chunks.push(item.chunk);
    expect(chunks).toEqual([{ words: 'one ' }, { words: 'one worker' }]);
    expect((await reader.result).state).toEqual({ words: 'one worker', by: 'owner' });
    const there = join(folder, 'there.run.jsonl');
    writeFileSync(there, await new Response(exportRun(store, 'run-1')).text());
    expect((await replay(mixed('replay'), there)).report.verdict).toBe('same');
  });

  it('record the exchanges of unchanged code, also at a worker of the same engine', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('{"found":7}'));
    const asks = graph('asks', { state: fields({ found: last(0) }) })
      .node(
        'research',
        async () => {
          const { found } = (await (await fetch(`${server.url}/find`)).json()) as { readonly found: number };
          return { delta: { found: found + Math.floor(Math.random()) } };
        },
        { on: 'workers' },
      )
      .start('research')
      .build();
    const store = fileStore();
    const engine = opened(createEngine(asks, { store, effects: [httpEffects()] }));
    engine.work(quick);
    expect((await engine.run({}, { runId: 'run-1' })).state.found).toBe(7);
    const there = join(folder, 'there.run.jsonl');
    writeFileSync(there, await new Response(exportRun(store, 'run-1')).text());
    expect((await replay(asks, there)).report.verdict).toBe('same');
  });

  it('leave in doubt what their worker was at, and are decided about by those who resume the run', async () => {
    const seen: Seen = [];
    const charging = (name: string, pay: () => Promise<string>) =>
      graph('charging', { state: fields({ receipt: last('') }) })
        .node(
          'research',
          async (_state, { effect }) => {
            const quote = await effect('quote', null, () => {
              seen.push(`${name} quote`);
              return 'q-1';
            });
            const charge = (): Promise<string> => {
              seen.push(`${name} charge`);
              return pay();
            };
            return { delta: { receipt: await effect('charge', quote, charge, { once: true, onDoubt: 'fail' }) } };
          },
          { on: 'workers' },
        )
        .start('research')
        .build();
    const never = () => new Promise<string>(() => undefined);
    const store = fileStore();
    const owner = opened(createEngine(charging('owner', never), { store }));
    const running = owner.run({}, { runId: 'run-1' });
    const one = createEngine(charging('one', never), { store: fileStore(), graceMs: 1 });
    one.work(quick);
    await expect.poll(() => seen).toEqual(['one quote', 'one charge']);
    await one.close();
    opened(
      createEngine(
        charging('two', async () => 'r-2'),
        { store: fileStore() },
      ),
    ).work(quick);
    const failed = await running;
    expect(failed.status === 'failed' && failed.error).toMatchObject({ code: 'effect-in-doubt' });
    const run = await owner.resume('run-1', { decide: { '1.0#1:call:charge': { value: 'r-1' } } });
    expect(run.state.receipt).toBe('r-1');
    expect(seen).toEqual(['one quote', 'one charge']);
  });

  it('are refused where they mean nothing', async () => {
    const seen: Seen = [];
    const engine = opened(createEngine(fanOut(seen, 'owner'), { store: fileStore() }));
    const refused = (options: Parameters<typeof engine.work>[0]): string => {
      try {
        engine.work(options);
      } catch (thrown) {
        return (thrown as Error).message;
      }
      return 'taken';
    };
    expect(refused({ tasks: ['begin'] })).toMatch('node "begin" does not run on workers; those that do: research');
    expect(refused({ width: 3 })).toMatch('`width` is about tasks');
    expect(refused({ tasks: ['research'], maxRuns: 3 })).toMatch('`maxRuns` is about runs');
    expect(refused({ tasks: [] })).toMatch('"tasks"');
    const alone = opened(createEngine(fanOut(seen, 'alone')));
    expect(() => alone.work({ tasks: ['research'] })).toThrow('others can use');
    const inner = fanOut(seen, 'inner');
    const outer = graph('outer', { state: fields({}) }).subgraph('all', inner, {
      input: () => ({ n: 1 }),
      output: () => ({}),
    });
    expect(() => outer.start('all').build()).toThrow('"research" of subgraph "all" cannot run on workers');
  });
});
