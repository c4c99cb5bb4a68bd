// Runs that wait longer than is worth staying in memory for: they leave memory, and are woken when they are due.
import { append, createEngine, fields, graph, memoryStore } from 'reprise';
import { describe, expect, it } from 'vitest';
import { collected } from '../../support/journals.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { engineAt, journalIn, places, runId } from './going-on.ts';
import { asDurable, canonicalLines } from './prefix-run.ts';

const parkMs = 10_000;
const state = () => fields({ log: append<string>() });

const napping = graph('napping', { state: state() })
  .node('begin', (_state, { goto }) => ({ route: [goto('nap'), goto('try')] }))
  .node('nap', async (_state, { sleep }) => {
    await sleep(50_000);
    return { delta: { log: ['rested'] } };
  })
  .node(
    'try',
    (_state, { attempt }) => {
      if (attempt === 1) throw new Error('not yet');
      return { delta: { log: ['tried'] } };
    },
    { retry: { attempts: 2, delayMs: 90_000, maxDelayMs: 90_000 } },
  )
  .start('begin')
  .build();

describe.each(places)('on $name', ({ make }) => {
  it('long sleeps and retry delays are waited for outside memory, and the journal is the same', async () => {
    const place = make();
    const clock = new ManualClock();
    const first = engineAt(napping, place(), clock);
    const begun = first.run({}, { runId, seed: 'seed' });
    await clock.advance(1_000);
    await first.close();
    expect((await begun).status).toBe('interrupted');

    const store = place();
    const times = new ManualClock(1_000);
    const worker = engineAt(napping, store, times);
    const [taken] = await worker.resumeDue(8, new Set(), parkMs);
    await times.advance(0);
    expect(await taken?.result).toMatchObject({ status: 'paused', questions: [], wakeAt: 50_000 });
    expect(await store.find(runId)).toMatchObject({ status: 'paused', wakeAt: 50_000 });
    expect(await worker.resumeDue(8, new Set(), parkMs)).toEqual([]);
    // The nap is over; the other task still waits.
    await times.advance(49_000);
    const [woken] = await worker.resumeDue(8, new Set(), parkMs);
    await times.advance(0);
    await times.advance(0);
    expect((await woken?.result)?.status).toBe('paused');
    expect((await store.find(runId))?.wakeAt).toBe(90_000);
    await times.advance(40_000);
    const [last] = await worker.resumeDue(8, new Set(), parkMs);
    expect(await last?.result).toMatchObject({ status: 'done', state: { log: ['rested', 'tried'] } });
    await worker.close();

    const whole = make();
    const still = new ManualClock();
    const other = engineAt(napping, whole(), still);
    const running = other.run({}, { runId, seed: 'seed' });
    await still.advance(50_000);
    await still.advance(40_000);
    expect((await running).status).toBe('done');
    await other.close();
    expect(canonicalLines(await journalIn(place))).toEqual(canonicalLines(await journalIn(whole)));
  });
});

it('shorter waits, and waits that count against the timeout of their node, stay in memory', async () => {
  const timed = graph('timed', { state: state() })
    .node(
      'nap',
      async (_state, { sleep }) => {
        await sleep(50_000);
      },
      { timeoutMs: 20_000 },
    )
    .start('nap')
    .build();
  const clock = new ManualClock();
  const store = asDurable(memoryStore({ now: () => clock.now() }));
  const first = engineAt(timed, store, clock);
  const begun = first.run({}, { runId, seed: 'seed' });
  await clock.advance(1_000);
  await first.close();
  await begun;
  const worker = engineAt(timed, store, clock);
  const [taken] = await worker.resumeDue(8, new Set(), parkMs);
  await clock.advance(19_000);
  await clock.advance(2_000);
  expect(await taken?.result).toMatchObject({ status: 'failed', error: { code: 'node-timeout' } });
  await worker.close();
});

it('attaching to a run whose process has died resumes it', async () => {
  const clock = new ManualClock();
  const store = asDurable(memoryStore({ now: () => clock.now() }));
  const quick = graph('quick', { state: state() })
    .node('work', () => ({ delta: { log: ['done'] } }))
    .start('work')
    .build();
  const dead = createEngine(quick, { store });
  expect((await dead.run({}, { runId: 'template' })).status).toBe('done');
  const [entry, commit] = await collected(store.read('template', 0, 2));
  if (entry?.kind !== 'run' || commit === undefined) throw new Error('a run begins with its entry');
  await store.create({ ...entry, observed: { ...entry.observed, runId } }, [commit], {
    owner: 'dead',
    leaseMs: 300,
  });
  const engine = testEngine(quick, { store, clock, id: () => 'engine' }, { leaseMs: 300 });
  const attached = await clock.until(engine.run({}, { runId, onExisting: 'attach' }));
  expect(attached).toMatchObject({ status: 'done', state: { log: ['done'] } });
  expect(await engine.run({}, { runId, onExisting: 'attach' })).toMatchObject({ status: 'done' });
  await engine.close();
});
