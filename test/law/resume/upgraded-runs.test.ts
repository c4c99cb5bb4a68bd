import { describe, expect, it } from 'vitest';
import { append, createEngine, failure, fields, graph, input, last, memoryStore, sum } from '../../../src/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

describe('a newer version of the graph', () => {
  it('resumes a patched fork, which replays with both changes', async () => {
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

  it('resumes a run, which replays with that version and shows what it computes otherwise', async () => {
    const graphOf = (version: string, by: number, more: object) =>
      graph('grown', { version, state: fields({ count: sum(), ...more }) })
        .node('increase', async ({ count }, { ask }) => {
          if (count === 1) await ask('continue?');
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
});

describe('a version that drops a step behind a fan-out', () => {
  const short = graph('orders', { state: fields({ log: append<string>() }), inputs: { pack: input<string>() } })
    .node('approve', async (_state, { ask }) => void (await ask('well?')))
    .node('split', (_state, { send }) => ({ route: [send('pack', 'a'), send('pack', 'b')] }))
    .node('pack', (_state, { input: item }) => ({ delta: { log: [`pack ${item}`] } }))
    .node('ship', () => ({ delta: { log: ['ship'] } }))
    .node('bill', () => ({ delta: { log: ['bill'] } }))
    .edge('approve', 'split')
    .edge('pack', 'ship')
    .start('approve');

  it('resumes no run that has the fan-out ahead', async () => {
    const store = memoryStore();
    const whole = createEngine(short.edge('ship', 'bill').build(), { store });
    await whole.run({}, { runId: 'run' });
    const without = createEngine(short.build(), { store });
    await expect(without.resume('run', { answer: 'yes' })).rejects.toMatchObject({
      code: 'run-not-resumable',
      message: expect.stringContaining('bill'),
    });
    const log = ['pack a', 'pack b', 'ship', 'bill'];
    expect(await whole.resume('run', { answer: 'yes' }).orThrow()).toEqual({ log });
  });
});

describe('a failed run', () => {
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

  it('may be given more attempts and time for the node that failed', async () => {
    const store = memoryStore();
    expect((await createEngine(graphOf({}), { store }).run({}, { runId: 'run' })).status).toBe('failed');
    const patient = createEngine(graphOf({ retry: { attempts: 5 }, timeoutMs: 60_000, resumable: true }), { store });
    expect((await patient.resume('run').orThrow()).said).toBe('done');
  });

  it('may not be given another way out', async () => {
    const store = memoryStore();
    expect((await createEngine(graphOf({}), { store }).run({}, { runId: 'run' })).status).toBe('failed');
    const rescuing = createEngine(graphOf({ retry: { attempts: 9 }, onError: 'rescue' }), { store });
    await expect(rescuing.resume('run')).rejects.toMatchObject({ code: 'run-not-resumable' });
  });
});
