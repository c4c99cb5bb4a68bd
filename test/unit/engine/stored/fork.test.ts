import { describe, expect, it } from 'vitest';
import { forkOf, writeFork } from '../../../../src/engine/stored/fork.ts';
import type { Fork } from '../../../../src/engine/stored/fork.ts';
import type { GraphDescription } from '../../../../src/journal/description.ts';
import type { EditEntry, Entry } from '../../../../src/journal/entry.ts';
import { RunFold } from '../../../../src/journal/fold/run-fold.ts';
import type { StepKey } from '../../../../src/journal/key.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { collected, commitEntry, endEntry, graphOf, outcomeEntry, runEntry } from '../../../support/journals.ts';

const last = { kind: 'last', required: false, initial: '' } as const;
const graph: GraphDescription = { ...graphOf(), state: { kind: 'fields', fields: { text: last, other: last } } };
const edit: EditEntry = {
  kind: 'edit',
  at: '1' as StepKey,
  by: 'fork',
  patch: { kind: 'record', changed: { other: { kind: 'set', value: 'edited' } }, removed: [] },
  observed: { time: 2_500 },
};

/** Of two steps, with an edit after the first. */
const entries: readonly Entry[] = [
  commitEntry('0', { input: { text: 'hi' }, frontier: [{ node: 'ask' }] }),
  outcomeEntry('1.0#1'),
  commitEntry('1', { frontier: [{ node: 'answer' }] }),
  edit,
  outcomeEntry('2.0#1', { node: 'answer' }),
  commitEntry('2'),
  endEntry({ step: 2 }),
];

function storeWith(description = graph, given = entries): RunStore {
  const store = memoryStore();
  store.create(runEntry('run', description), given);
  return store;
}

function fork(step: number | string, patch?: unknown, store = storeWith()): Promise<Fork> {
  return forkOf(store, 'run', { step, runId: 'fork', ...(patch === undefined ? {} : { patch }) }, { now: 9_000 });
}

/** The entries of the fork, once it is written: all but its own first one. */
async function firstOf(forked: Fork, store = storeWith()): Promise<readonly Entry[]> {
  await writeFork(store, forked);
  const [run, ...first] = await collected(store.read('fork'));
  expect(run).toEqual(forked.run);
  return first;
}

/** As it is read from the journal of the fork. */
async function stateOf(forked: Fork, store = storeWith()): Promise<unknown> {
  const fold = new RunFold();
  for (const entry of [forked.run, ...(await firstOf(forked, store))]) fold.add(entry);
  expect(forked.fold.state).toEqual(fold.state);
  return fold.state;
}

describe('a fork', () => {
  it('is a run of its own that names its parent', async () => {
    const parent = runEntry('run', graph);
    expect((await fork(1)).run).toEqual({
      ...parent,
      observed: { runId: 'fork', time: 9_000, parent: { runId: 'run', step: 1 } },
    });
  });

  it.each([
    [0, 1],
    // With the edit that follows the commit.
    [1, 4],
  ])('shares what its parent did up to step %s', async (step, count) => {
    expect(await firstOf(await fork(step))).toEqual(entries.slice(0, count));
  });

  it('begins at a label too', async () => {
    const store = storeWith();
    await store.label('run', { step: 1, label: 'here' });
    expect((await fork('here', undefined, store)).run.observed.parent).toEqual({ runId: 'run', step: 1 });
  });

  it.each([-1, 3, 0.5])('is refused for step %s, which was not committed', async (step) => {
    await expect(fork(step)).rejects.toMatchObject({ code: 'step-unknown', fields: { runId: 'run', step } });
  });

  it('is refused where nothing is left to run', async () => {
    await expect(fork(2, { bogus: 1 })).rejects.toMatchObject({
      code: 'step-unknown',
      message: expect.stringContaining('run "run" has nothing left to run after step 2'),
      fields: { runId: 'run', step: 2 },
    });
  });

  it('is refused of a run that the store does not have', async () => {
    await expect(forkOf(storeWith(), 'none', { step: 0, runId: 'fork' }, { now: 0 })).rejects.toMatchObject({
      code: 'run-unknown',
    });
  });
});

describe('the patch of a fork', () => {
  it('is an edit after the entries that the fork shares, and keeps the fields that it does not name', async () => {
    const forked = await fork(1, { text: 'patched' });
    const first = await firstOf(forked);
    expect(first.slice(0, 4)).toEqual(entries.slice(0, 4));
    expect(first.slice(4)).toMatchObject([{ kind: 'edit', at: '1', by: 'fork', observed: { time: 9_000 } }]);
    expect(await stateOf(forked)).toEqual({ text: 'patched', other: 'edited' });
  });

  it.each([{}, { text: 'hi' }])('%j is no edit where it changes nothing', async (patch) => {
    expect(await firstOf(await fork(0, patch))).toEqual(entries.slice(0, 1));
  });

  it.each<[unknown, string, string, object]>([
    [{ texd: 1 }, 'the patch names "texd", which is not a field', 'Did you mean "text"?', { field: 'texd' }],
    [{ something: 1 }, 'the patch names "something"', 'The fields are text, other.', { field: 'something' }],
    [['text'], 'the patch is not an object', 'The fields are text, other.', { field: 'a state without fields' }],
  ])('%j is refused', async (patch, message, nextStep, fields) => {
    await expect(fork(0, patch)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining(message),
      nextStep,
      fields,
    });
  });

  it('is refused if it cannot be stored', async () => {
    await expect(fork(0, { text: () => 1 })).rejects.toMatchObject({ code: 'unstorable' });
  });

  it.each<[unknown, unknown, unknown]>([
    [
      { a: 1, b: 2 },
      { b: 3, c: 4 },
      { a: 1, b: 3, c: 4 },
    ],
    [{ a: 1 }, 7, 7],
    [[1], { a: 1 }, { a: 1 }],
  ])(
    'of a state %j that one function makes is %j: fields of an object, or the whole state',
    async (before, patch, after) => {
      const whole: GraphDescription = { ...graph, state: { kind: 'function', initial: undefined } };
      const begun = commitEntry('0', {
        input: before as never,
        frontier: [{ node: 'ask' }],
        patch: { kind: 'set', value: before as never },
      });
      const store = storeWith(whole, [begun]);
      expect(await stateOf(await fork(0, patch, store), store)).toEqual(after);
    },
  );
});
