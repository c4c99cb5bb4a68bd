// What an engine does at its edges: options that come too late, two that ask at once, a close in the middle.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { append, createEngine, failure, fields, graph, input, last, memoryStore, sum } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { entriesOf } from '../../support/fixture-file.ts';
import { temporaryFolder } from '../../support/folder.ts';

const counter = graph('counter', { state: fields({ count: sum(), old: last('') }) })
  .node('increase', () => ({ delta: { count: 1 } }))
  .edge('increase', 'increase', { when: ({ count }) => count < 3 })
  .start('increase')
  .build();

const asking = graph('asking', { state: fields({ said: last('') }) })
  .node('ask', async (_state, { ask }) => ({ delta: { said: await ask('what?', { schema: text }) } }))
  .start('ask')
  .build();
const text = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'it has to be a text' }] },
  },
} as const;

it('a fork with wrong options leaves no run behind', async () => {
  const store = memoryStore();
  await using engine = createEngine(counter, { store });
  await engine.run({}, { runId: 'run' });
  for (const options of [{ bogus: 1 }, { pauseBefore: ['none'] }])
    await expect(engine.fork('run', { step: 1, runId: 'fork' }, options as never)).rejects.toMatchObject({
      code: 'option-invalid',
    });
  expect(await store.find('fork')).toBeUndefined();
  await expect(engine.fork('run', { step: 1, runId: 'fork' }, { answer: 1 })).rejects.toMatchObject({
    code: 'question-unknown',
  });
  expect((await store.find('fork'))?.status).toBe('interrupted');
});

it('a patch may name any field of the graph, whatever else the state holds', async () => {
  const store = memoryStore();
  const kept = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = name === 'close' ? () => undefined : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const first = createEngine(counter, { store: kept });
  await first.run({}, { runId: 'run', pauseAfter: ['increase'] });
  await first.close();
  const without = graph('counter', { state: fields({ count: sum() }) })
    .node('increase', () => ({ delta: { count: 1 } }))
    .edge('increase', 'increase', { when: ({ count }) => count < 5 })
    .start('increase')
    .build();
  const second = createEngine(without, { store: kept });
  await second.resume('run', { force: true }).orThrow();
  expect((await second.fork('run', { step: 2, patch: { count: 4 } }).orThrow()).count).toBe(5);
  await expect(second.fork('run', { step: 2, patch: { old: 'x' } as never })).rejects.toMatchObject({
    code: 'input-invalid',
  });
  await second.close();
});

it('of two answers at once the right one is taken, whichever comes first', async () => {
  await using engine = createEngine(asking);
  await engine.run({}, { runId: 'run' });
  const [wrong, right] = await Promise.allSettled([
    engine.resume('run', { answer: 7 }),
    engine.resume('run', { answer: 'this' }),
  ]);
  expect(wrong).toMatchObject({ status: 'rejected', reason: { code: 'answer-invalid' } });
  expect(right).toMatchObject({ status: 'fulfilled', value: { status: 'done', state: { said: 'this' } } });
});

it('a run that is being begun as its engine closes is given back, and does nothing', async () => {
  const store = memoryStore();
  let isRun = false;
  const slow: RunStore = new Proxy(store, {
    get: (target, name) => {
      if (name === 'create')
        return async (...given: Parameters<RunStore['create']>) => {
          await pause(20);
          return target.create(...given);
        };
      const value: unknown = name === 'close' ? () => undefined : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const once = graph('once', { state: fields({}) })
    .node('run', () => {
      isRun = true;
    })
    .start('run')
    .build();
  const engine = createEngine(once, { store: slow });
  const begun = expect(engine.run({}, { runId: 'run' })).rejects.toMatchObject({ code: 'engine-closed' });
  await engine.close();
  await begun;
  expect([isRun, (await store.find('run'))?.status]).toEqual([false, 'interrupted']);
});

it('nobody waits for a run that is not there', async () => {
  await using engine = createEngine(counter);
  await expect(engine.read('none').result).rejects.toMatchObject({ code: 'run-unknown' });
});

it('a task that has room starts, whoever of another node waits', async () => {
  const log: string[] = [];
  const fan = graph('fan', { state: fields({}), inputs: { slow: input<number>(), fast: input<number>() } })
    .node('begin', (_state, { send }) => ({ route: [send('slow', 0), send('slow', 1), send('fast', 2)] }))
    .node(
      'slow',
      async (_state, { input: number }) => {
        log.push(`slow ${number}`);
        await pause(20);
      },
      { maxConcurrent: 1 },
    )
    .node('fast', (_state, { input: number }) => {
      log.push(`fast ${number}`);
    })
    .start('begin')
    .build();
  await using engine = createEngine(fan);
  await engine.run({}).orThrow();
  expect(log).toEqual(['slow 0', 'fast 2', 'slow 1']);
});

describe('a step that fails with no task to blame', () => {
  it('leaves the chunks of what was done, which its journal holds', async () => {
    const clash = graph('clash', { state: fields({ lines: append<string>(), one: last('') }) })
      .node('begin', (_state, { goto }) => ({ route: [goto('left'), goto('right')] }))
      .node('left', async function* () {
        yield { lines: ['left'] };
        return { delta: { one: 'left' } };
      })
      .node('right', async function* () {
        yield { lines: ['right'] };
        return { delta: { one: 'right' } };
      })
      .start('begin')
      .build();
    await using engine = createEngine(clash);
    const kinds: string[] = [];
    const stream = engine.stream({ lines: [] });
    for await (const { kind } of stream) kinds.push(kind);
    expect(await stream.result).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(kinds.filter((kind) => kind === 'chunk')).toHaveLength(2);
    expect(kinds).not.toContain('reset');
  });
});

it('time in which nobody could take its chunks is no time of a node, and all other is', async () => {
  const slow = graph('slow', { state: fields({ count: sum() }) })
    .node(
      'write',
      async function* () {
        for (let round = 0; round < 8; round += 1) {
          await pause(30);
          yield { count: 1 };
        }
      },
      { timeoutMs: 120 },
    )
    .start('write')
    .build();
  await using engine = createEngine(slow);
  const stream = engine.stream({ count: 0 }, { onSlow: 'wait', highWaterMark: 1 });
  for await (const item of stream) if (item.kind === 'chunk') await pause(20);
  expect(await stream.result).toMatchObject({ status: 'failed', error: { code: 'node-timeout' } });
});

it.each([
  [{ onse: true }, 'effect: unknown option "onse"'],
  [{ onDoubt: 'aks' }, 'effect: option "onDoubt" is "aks"'],
  [{ once: 'yes' }, 'effect: option "once" is "yes"'],
])('an effect with the options %j is refused', async (options, message) => {
  const paying = graph('paying', { state: fields({}) })
    .node('pay', async (_state, { effect }) => {
      await effect('pay', 1, () => 1, options as never);
    })
    .start('pay')
    .build();
  await using engine = createEngine(paying);
  const run = await engine.run({});
  expect(run).toMatchObject({ status: 'failed', error: { code: 'option-invalid' } });
  expect(String((run as { readonly error?: unknown }).error)).toContain(message);
});

it('a fork with a patch that goes on with a newer version replays with both changes', async () => {
  const graphOf = (version: string, migrate?: (state: { readonly [field: string]: unknown }) => object) =>
    graph('versioned', {
      version,
      ...(migrate === undefined ? {} : { migrate: migrate as never }),
      state: fields({ count: sum(), name: last('first') }),
    })
      .node('increase', ({ name }) => ({ delta: { count: 1, name: `${name}!` } }))
      .edge('increase', 'increase', { when: ({ count }) => count < 3 })
      .start('increase')
      .build();
  const store = memoryStore();
  await createEngine(graphOf('1'), { store }).run({}, { runId: 'run' });
  const newer = graphOf('2', (state) => ({ ...state, name: `${String(state.name)} migrated` }));
  const engine = createEngine(newer, { store });
  const forked = await engine.fork('run', { step: 1, runId: 'fork', patch: { name: 'patched' } }).orThrow();
  expect(forked.name).toBe('patched migrated!!');
  const path = await exportRunTo(store, 'fork', `${temporaryFolder()}/`);
  const { run, report } = await replay(newer, path);
  expect([report.verdict, (run as { readonly state?: object }).state]).toEqual(['same', forked]);
});

it('a run that went on with a newer version replays with that version, and a change of what it computes is told', async () => {
  const graphOf = (version: string, by: number, more: object) =>
    graph('grown', { version, state: fields({ count: sum(), ...more }) })
      .node('increase', async ({ count }, { ask }) => {
        if (count === 1) await ask('go on?');
        return { delta: { count: count < 2 ? 1 : by } };
      })
      .edge('increase', 'increase', { when: ({ count }) => count < 3 })
      .start('increase')
      .build();
  const store = memoryStore();
  await createEngine(graphOf('1', 1, { old: last('gone') }), { store }).run({}, { runId: 'run' });
  const newer = graphOf('2', 1, { more: last('new') });
  await createEngine(newer, { store }).resume('run', { answer: 'yes' }).orThrow();
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/`);
  expect((await replay(newer, path)).report.verdict).toBe('same');
  expect((await replay(graphOf('2', 2, { more: last('new') }), path)).report.verdict).toBe('diverged');
});

it('what a fork changed belongs to the step behind which it did: to look at, and to fork from again', async () => {
  const store = memoryStore();
  await using engine = createEngine(counter, { store });
  await engine.run({}, { runId: 'run' });
  await engine.fork('run', { step: 1, runId: 'once', patch: { old: 'patched' } }).orThrow();
  expect(await engine.stateAt('once', 1)).toEqual({ count: 1, old: 'patched' });
  expect((await engine.fork('once', { step: 1, runId: 'twice' }).orThrow()).old).toBe('patched');
  expect((await engine.stateAt('run', 1)).old).toBe('');
  for (const step of [-1, 99, 0.5]) {
    await expect(engine.stateAt('run', step)).rejects.toMatchObject({ code: 'step-unknown' });
    await expect(engine.fork('run', { step })).rejects.toMatchObject({ code: 'step-unknown' });
  }
});

it('a stream that is cancelled before its run has begun is cancelled, and who waits hears of a failure', async () => {
  const waiting = graph('waiting', { state: fields({}) })
    .node(
      'wait',
      (_state, { signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    )
    .start('wait')
    .build();
  const store = memoryStore();
  const slow: RunStore = new Proxy(store, {
    get: (target, name) => {
      if (name === 'create')
        return async (...given: Parameters<RunStore['create']>) => {
          await pause(20);
          return target.create(...given);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await using engine = createEngine(waiting, { store: slow });
  const stream = engine.stream({});
  expect(await stream.cancel('enough')).toBe(true);
  expect(await stream.result).toMatchObject({ status: 'cancelled', reason: 'enough' });
  await expect(engine.read('none').cancel()).rejects.toMatchObject({ code: 'run-unknown' });
  // Nobody waits, and nothing is left unhandled.
  void engine.read('none').cancel();
});

it('nodes that waited for a reader go on no more at once than they may', async () => {
  let under = 0;
  let most = 0;
  const wide = graph('wide', { state: fields({ count: sum() }), inputs: { write: input<number>() } })
    .node('begin', (_state, { send }) => ({ route: [0, 1, 2].map((number) => send('write', number)) }))
    .node(
      'write',
      async function* () {
        for (let round = 0; round < 5; round += 1) {
          under += 1;
          most = Math.max(most, under);
          await pause(2);
          under -= 1;
          yield { count: 1 };
        }
      },
      { maxConcurrent: 1 },
    )
    .start('begin')
    .build();
  await using engine = createEngine(wide);
  const stream = engine.stream({ count: 0 }, { onSlow: 'wait', highWaterMark: 1 });
  for await (const item of stream) if (item.kind === 'chunk') await pause(3);
  expect((await stream.result).status).toBe('done');
  expect(most).toBe(1);
});

it('a failed run may be resumed with more attempts and time for the node that failed, and not with another way out', async () => {
  const graphOf = (options: object) =>
    graph('mended', { state: fields({ said: last('') }), inputs: { rescue: failure() } })
      .node(
        'try',
        (_state, { attempt }) => {
          if (attempt < 3) throw new Error('not yet');
          return { delta: { said: 'done' } };
        },
        options,
      )
      .node('rescue', () => ({ delta: { said: 'rescued' } }))
      .start('try')
      .build();
  const store = memoryStore();
  expect((await createEngine(graphOf({}), { store }).run({}, { runId: 'run' })).status).toBe('failed');
  const rescuing = createEngine(graphOf({ retry: { attempts: 9 }, onError: 'rescue' }), { store });
  await expect(rescuing.resume('run')).rejects.toMatchObject({ code: 'run-not-resumable' });
  const patient = createEngine(graphOf({ retry: { attempts: 5 }, timeoutMs: 60_000, resumable: true }), { store });
  expect((await patient.resume('run').orThrow()).said).toBe('done');
});

it('many effects of one attempt are told apart as few are: each by how many equal ones came before it', async () => {
  const many = graph('many', { state: fields({ sum: last(0) }) })
    .node('ask', async (_state, { effect }) => {
      let sum = 0;
      for (let call = 0; call < 300; call += 1) sum += await effect('get', { key: call % 7 }, () => call);
      return { delta: { sum } };
    })
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(many, { store });
  await engine.run({}, { runId: 'run' });
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/`);
  const seen = new Map<string, number>();
  for (const entry of await entriesOf(path)) {
    if (entry.kind !== 'effect') continue;
    const key = JSON.stringify(entry.request);
    expect(entry.occurrence).toBe(seen.get(key) ?? 0);
    seen.set(key, entry.occurrence + 1);
  }
  expect([...seen.values()].sort()).toEqual([42, 43, 43, 43, 43, 43, 43]);
  expect((await replay(many, path)).report.verdict).toBe('same');
});
