// A breakpoint belongs to the run: wherever its process dies, the process that takes it over pauses where the other one
// would have, and only somebody who saw the run paused has it continue.
import { describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, sum } from '../../../src/index.ts';
import type { RunOptions, RunStore } from '../../../src/index.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { keptStore } from '../../support/changed-store.ts';
import { sharedFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { withCheckpoints } from './with-checkpoints.ts';

const rounds = graph('rounds', { state: fields({ count: sum(), log: append<string>() }) })
  .node('plan', async ({ count }, { effect }) => ({
    delta: { log: [await effect('plan', count, () => `plan ${count}`)] },
  }))
  .node('test', () => ({ delta: { log: ['test'] } }))
  .node('deploy', async ({ count }, { effect }) => {
    await effect('deploy', count, () => count);
    return { delta: { count: 1, log: ['deploy'] } };
  })
  .edge('plan', 'test')
  .edge('test', 'deploy')
  .edge('deploy', 'plan', { when: ({ count }) => count < 2 })
  .start('plan')
  .build();

const runId = 'run';
const folder = sharedFolder();

/** Drives the run to its end as somebody does who resumes it at each breakpoint. Returns the steps at which it paused. */
async function toEnd(store: RunStore, options: RunOptions): Promise<readonly number[]> {
  await using engine = createEngine(rounds, { store: keptStore(store) });
  const pauses: number[] = [];
  let run = await engine.run({}, { runId, ...options });
  for (; run.status === 'paused'; run = await engine.resume(runId)) pauses.push(run.steps);
  expect(run.status).toBe('done');
  return pauses;
}

/** What a process leaves that dies after so many entries. */
async function leftBehind(entries: readonly Entry[], count: number): Promise<RunStore> {
  const store = withCheckpoints(memoryStore());
  await store.create(entries[0] as RunEntry, entries.slice(1, count));
  return store;
}

async function takeOver(store: RunStore): Promise<void> {
  await using engine = createEngine(rounds, { store: keptStore(store) });
  const fault: unknown[] = [];
  await engine.work({ isOnce: true, pollMs: 1, onError: (error) => fault.push(error) }).done;
  expect(fault).toEqual([]);
}

const passes = (entries: readonly Entry[]): number =>
  entries.filter((entry) => entry.kind === 'note' && entry.observed.terms?.passed !== undefined).length;

describe.each<[string, RunOptions, readonly number[]]>([
  ['before a node', { pauseBefore: ['deploy'] }, [2, 5]],
  ['after a node', { pauseAfter: ['plan'] }, [1, 4]],
  ['before one node and after another', { pauseBefore: ['deploy'], pauseAfter: ['test', 'deploy'] }, [2, 3, 5]],
  ['before the start, which a run never pauses at when it begins', { pauseBefore: ['plan'] }, [3]],
])('a breakpoint %s', (_name, options, pauses) => {
  it('is where the run pauses, once each time', async () => {
    expect(await toEnd(memoryStore(), options)).toEqual(pauses);
  });

  it('is passed by no takeover, wherever the process died', async () => {
    const whole = memoryStore();
    await toEnd(whole, options);
    const entries = await collected(whole.read(runId));
    for (let count = 2; count < entries.length; count += 1) {
      const store = await leftBehind(entries, count);
      const next = pauses[passes(entries.slice(0, count))];
      for (const time of ['first', 'second']) {
        if (time === 'first') await takeOver(store);
        const { status, step } = (await store.find(runId)) ?? {};
        expect([count, time, status, step]).toEqual([count, time, next === undefined ? 'done' : 'paused', next ?? 6]);
      }
    }
  });
});

it('stays shut for a resume of a run that had not paused there yet', async () => {
  const whole = memoryStore();
  await toEnd(whole, { pauseBefore: ['deploy'] });
  const entries = await collected(whole.read(runId));
  const commit = entries.findIndex((entry) => entry.kind === 'commit' && entry.at === '2');
  const store = await leftBehind(entries, commit + 1);
  await using engine = createEngine(rounds, { store });
  expect(await engine.resume(runId)).toMatchObject({ status: 'paused', steps: 2 });
  expect(await engine.resume(runId)).toMatchObject({ status: 'paused', steps: 5 });
});

it('is what a resume says from then on, for a process that takes over after it too', async () => {
  const store = memoryStore();
  await using engine = createEngine(rounds, { store: keptStore(store) });
  await engine.run({}, { runId, pauseBefore: ['deploy'], pauseAfter: ['plan'], labels: { for: 'acme' } });
  await engine.resume(runId, { pauseBefore: ['plan'], pauseAfter: [] });
  const entries = await collected(store.read(runId));
  expect(entries.at(-1)).toMatchObject({ kind: 'commit', at: '3' });
  const left = await leftBehind(entries, entries.length);
  await takeOver(left);
  expect(await left.find(runId)).toMatchObject({ status: 'paused', step: 3 });
  const notes = entries.flatMap((entry) => (entry.kind === 'note' ? [entry.observed.terms] : []));
  expect(notes).toEqual([{ pauseBefore: ['plan'], pauseAfter: [], labels: { for: 'acme' } }]);
});

it('is passed once by resumes that come at once: nobody has seen the next one', async () => {
  await using engine = createEngine(rounds, { store: memoryStore() });
  const begun = engine.run({}, { runId, pauseBefore: ['deploy'] });
  const early = engine.resume(runId);
  expect([(await begun).steps, (await early).steps]).toEqual([2, 2]);
  const runs = await Promise.all([engine.resume(runId), engine.resume(runId), engine.resume(runId)]);
  expect(runs.map(({ status, steps }) => [status, steps])).toEqual(Array(3).fill(['paused', 5]));
});

it('holds in a run of version 1 too, and its fixture replays', async () => {
  const store = memoryStore();
  await using engine = createEngine(rounds, { store: keptStore(store) });
  await engine.run({}, { runId: 'now' });
  const entries = await collected(store.read('now'));
  const [run, commit] = entries as [RunEntry, Entry];
  await store.create({ ...run, semantics: 1, observed: { ...run.observed, runId: 'old' } }, [commit]);
  expect(await engine.resume('old', { pauseBefore: ['deploy'] })).toMatchObject({ status: 'paused', steps: 2 });
  const { status, step } = (await store.find('old')) ?? {};
  expect([status, step]).toEqual(['paused', 2]);
  expect(await engine.resume('old')).toMatchObject({ status: 'paused', steps: 5 });
  expect(await engine.resume('old')).toMatchObject({ status: 'done' });
  const path = await exportRunTo(store, 'old', `${folder}/`);
  expect((await replay(rounds, path)).report.verdict).toBe('same');
});
