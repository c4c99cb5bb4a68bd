import { describe, expect, it } from 'vitest';
import { history, labelStep, stateAt, stepNumberOf } from '../../../../src/engine/stored/history.ts';
import type { EditEntry, Entry } from '../../../../src/journal/entry.ts';
import type { StepKey } from '../../../../src/journal/key.ts';
import { labelStream } from '../../../../src/journal/label.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { commitEntry, endEntry, eventEntry, outcomeEntry, runEntry } from '../../../support/journals.ts';

const label = (at: string, name: string, ordinal = 0): Entry =>
  eventEntry(at, { name, stream: labelStream, ordinal, data: undefined });
const edit: EditEntry = {
  kind: 'edit',
  at: '1' as StepKey,
  by: 'fork',
  patch: { kind: 'record', changed: { text: { kind: 'set', value: 'edited' } }, removed: [] },
  observed: { time: 2_500 },
};
const failed = { status: 'failed', error: 'no' } as const;

/** Three steps; the second one has an inner run. */
const entries: readonly Entry[] = [
  commitEntry('0', { input: { text: 'hi' }, frontier: [{ node: 'ask' }, { node: 'answer', input: 1 }] }),
  label('1.0#1', 'lost'),
  outcomeEntry('1.0#1', { result: failed }),
  label('1.0#2', 'read'),
  label('1.0#2', 'asked', 1),
  outcomeEntry('1.0#2'),
  label('1.1#1', 'read'),
  outcomeEntry('1.1#1', { node: 'answer', result: { status: 'done' } }),
  commitEntry('1', { frontier: [{ node: 'ask' }], observed: { time: 2_100 } }),
  edit,
  commitEntry('2.0#1/0', { input: { text: 'inner' } }),
  commitEntry('2.0#1/1'),
  label('2.0#1', 'asked'),
  outcomeEntry('2.0#1', { result: { status: 'done', delta: { text: 'bye' } } }),
  commitEntry('2', { observed: { time: 2_200 } }),
  endEntry({ step: 2 }),
];

function storeWith(given = entries): RunStore {
  const store = memoryStore();
  store.create(runEntry('run'), given);
  return store;
}

describe('the history of a run', () => {
  it('lists its own commits, with their labels and what runs next', async () => {
    expect(await history(storeWith(), 'run')).toEqual([
      { step: 0, labels: [], next: ['ask', 'answer'], time: 2_000 },
      { step: 1, labels: ['asked', 'read'], next: ['ask'], time: 2_100 },
      { step: 2, labels: ['asked'], next: [], time: 2_200 },
    ]);
  });

  it('lists labels from outside after those of nodes, and each once', async () => {
    const store = storeWith();
    for (const name of ['zero', 'read', 'again']) await labelStep(store, 'run', 1, name);
    expect((await history(store, 'run')).map(({ labels }) => labels)).toEqual([
      [],
      ['asked', 'read', 'again', 'zero'],
      ['asked'],
    ]);
  });

  it('has no commit of a step that is open', async () => {
    expect((await history(storeWith(entries.slice(0, 8)), 'run')).map(({ step }) => step)).toEqual([0]);
  });

  it('is refused of a run that the store does not have', async () => {
    await expect(history(storeWith(), 'none')).rejects.toMatchObject({ code: 'run-unknown' });
  });
});

describe('the name of a step', () => {
  it('is a number as it is, whether there is such a step or not', async () => {
    expect(await stepNumberOf(storeWith(), 'run', 7)).toBe(7);
  });

  it('is a label, and means the latest of several steps', async () => {
    expect(await stepNumberOf(storeWith(), 'run', 'read')).toBe(1);
    expect(await stepNumberOf(storeWith(), 'run', 'asked')).toBe(2);
  });

  it('is not the label of an attempt that failed', async () => {
    await expect(stepNumberOf(storeWith(), 'run', 'lost')).rejects.toMatchObject({
      code: 'step-unknown',
      fields: { runId: 'run', label: 'lost' },
    });
  });

  it('is refused with the nearest label, where one is near', async () => {
    await expect(stepNumberOf(storeWith(), 'run', 'aksed')).rejects.toMatchObject({
      message: expect.stringContaining('run "run" has no step labelled "aksed"'),
      nextStep: 'Did you mean "asked"?',
    });
    await expect(stepNumberOf(storeWith(), 'run', 'something else')).rejects.toMatchObject({
      nextStep: 'See its steps with `npx reprise show`.',
    });
  });

  it('from outside moves where it is given again', async () => {
    const store = storeWith();
    await labelStep(store, 'run', 2, 'here');
    await labelStep(store, 'run', 0, 'here');
    expect(await stepNumberOf(store, 'run', 'here')).toBe(0);
  });

  it.each([
    [3, 'here', 'step-unknown'],
    [-1, 'here', 'step-unknown'],
    [1, '', 'option-invalid'],
  ])('from outside is refused for step %s and label %j', async (step, name, code) => {
    const store = storeWith();
    await expect(labelStep(store, 'run', step, name)).rejects.toMatchObject({ code });
    expect(await store.labels('run')).toEqual([]);
  });
});

describe('the state after a step', () => {
  it.each([
    [0, { text: 'hi' }],
    // The edit after its commit belongs to it.
    [1, { text: 'edited' }],
    ['read', { text: 'edited' }],
    [2, { text: 'bye' }],
  ])('%j', async (step, state) => {
    expect(await stateAt(storeWith(), 'run', step)).toEqual(state);
  });

  it.each([-1, 3, 0.5, Number.NaN])('is refused for step %s, with the steps that there are', async (step) => {
    await expect(stateAt(storeWith(), 'run', step)).rejects.toMatchObject({
      code: 'step-unknown',
      message: expect.stringContaining(`run "run" has no step ${step}: it has committed steps 0 to 2`),
      fields: { runId: 'run', step },
    });
  });
});
