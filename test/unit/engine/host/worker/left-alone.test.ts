import { expect, it } from 'vitest';
import { LeftAlone } from '../../../../../src/engine/host/worker/left-alone.ts';
import type { RunSummary } from '../../../../../src/index.ts';

/** A store of these runs, which counts how often it is asked. */
function storeOf(runs: Map<string, Partial<RunSummary>>) {
  const asked: string[] = [];
  return {
    asked,
    find: async (runId: string): Promise<RunSummary | undefined> => {
      asked.push(runId);
      return runs.get(runId) as RunSummary | undefined;
    },
  };
}

const paused = (entryCount: number): Partial<RunSummary> => ({ status: 'paused', entryCount });

it('lets go of a run that somebody has continued between its refusal and the first look', async () => {
  const runs = new Map([['run-1', paused(3)]]);
  const left = new LeftAlone(storeOf(runs));
  const added = left.add('run-1', 3);
  runs.set('run-1', paused(8));
  await added;
  expect([...left.ids]).toEqual(['run-1']);
  await left.look();
  expect([...left.ids]).toEqual([]);
});

it.each([
  ['is done', { status: 'done', entryCount: 3 } as const],
  ['was cancelled', { status: 'cancelled', entryCount: 3 } as const],
  ['is gone', undefined],
])('lets go of a run that %s', async (_what, run) => {
  const runs = new Map<string, Partial<RunSummary>>(run === undefined ? [] : [['run-1', run]]);
  const store = storeOf(runs);
  const left = new LeftAlone(store);
  await left.add('run-1', 3);
  await left.look();
  await left.look();
  expect([[...left.ids], store.asked]).toEqual([[], ['run-1']]);
});

it('looks at each run less and less often, and at few at a time', async () => {
  const names = Array.from({ length: 20 }, (_unused, index) => `run-${index}`);
  const store = storeOf(new Map(names.map((name) => [name, paused(3)])));
  const left = new LeftAlone(store);
  for (const name of names) await left.add(name, 3);
  const counts: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const before = store.asked.length;
    await left.look();
    counts.push(store.asked.length - before);
  }
  expect(Math.max(...counts)).toBe(8);
  expect(counts.slice(-48).reduce((sum, count) => sum + count)).toBe(3 * names.length);
  expect([...left.ids].toSorted()).toEqual(names.toSorted());
});

it('leaves a run alone whose store fails when it is looked at', async () => {
  let isFailing = false;
  const left = new LeftAlone({
    find: async () => {
      if (isFailing) throw new Error('away');
      return { status: 'paused', entryCount: 3 } as RunSummary;
    },
  });
  await left.add('run-1');
  isFailing = true;
  await left.look();
  expect([...left.ids]).toEqual(['run-1']);
});
