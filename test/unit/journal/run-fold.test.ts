import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { RunFold } from '../../../src/journal/fold/run-fold.ts';
import { commitEntry, effectEntry, endEntry, graphOf, outcomeEntry, runEntry } from '../../support/journals.ts';

const counting = {
  ...graphOf('count'),
  state: {
    kind: 'fields',
    fields: {
      log: { kind: 'append', required: false, initial: [] },
      best: { kind: 'reduce', required: false, initial: 0 },
    },
  },
} as const;

const done = (delta: { readonly log: readonly string[] }) => ({ result: { status: 'done', delta } }) as const;

function folded(entries: readonly Entry[]): RunFold {
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  return fold;
}

const begun = [
  runEntry('r', counting),
  commitEntry('0', { input: { log: ['in'] }, frontier: [{ node: 'ask' }, { node: 'answer', input: 7 }] }),
];

describe('RunFold', () => {
  it('knows nothing before the run begins', () => {
    expect(folded([])).toMatchObject({ run: undefined, step: -1, state: undefined, frontier: [] });
    expect(folded([runEntry('r', counting)])).toMatchObject({ step: -1, state: undefined });
  });

  it('begins with the input as a first delta', () => {
    expect(folded(begun)).toMatchObject({ step: 0, state: { log: ['in'], best: 0 } });
    expect(folded(begun).frontier).toEqual([{ node: 'ask' }, { node: 'answer', input: 7 }]);
  });

  it('merges by rank, whatever finished first', () => {
    const entries = [
      ...begun,
      outcomeEntry('1.10#1', done({ log: ['eleventh'] })),
      outcomeEntry('1.2#1', done({ log: ['third'] })),
      outcomeEntry('1.0#1', done({ log: ['first'] })),
      commitEntry('1'),
    ];
    expect(folded(entries).state).toEqual({ log: ['in', 'first', 'third', 'eleventh'], best: 0 });
  });

  it('takes the last attempt of a task, in whatever order attempts are read', () => {
    const failed = outcomeEntry('1.0#1', { result: { status: 'failed', error: 'no' } });
    const second = outcomeEntry('1.0#2', done({ log: ['second'] }));
    for (const attempts of [
      [failed, second],
      [second, failed],
    ]) {
      expect(folded([...begun, ...attempts, commitEntry('1')]).state).toMatchObject({ log: ['in', 'second'] });
    }
  });

  it('gives the state of a step later, whatever has been committed since', () => {
    const count = 200;
    const fold = folded(begun);
    const later = [fold.stateLater()];
    for (let step = 1; step <= count; step += 1) {
      fold.add(outcomeEntry(`${step}.0#1`, done({ log: [`${step}`] })));
      fold.add(commitEntry(`${step}`));
      later.push(fold.stateLater());
      if (step % 50 === 0) expect(later.at(-1)?.()).toBe(fold.state);
    }
    const log = ['in', ...Array.from({ length: count }, (_unused, index) => `${index + 1}`)];
    for (const [step, state] of later.entries()) expect(state()).toEqual({ log: log.slice(0, step + 1), best: 0 });
    expect(fold.state).toEqual({ log, best: 0 });
    expect(new RunFold().stateLater()()).toBeUndefined();
  });

  it('takes what user code decided from the patch', () => {
    const patch = { kind: 'record', changed: { best: { kind: 'set', value: 9 } }, removed: [] } as const;
    expect(folded([...begun, outcomeEntry('1.0#1'), commitEntry('1', { patch })].slice(0, 2)).state).toMatchObject({
      best: 0,
    });
    expect(folded([...begun, outcomeEntry('1.0#1', done({ log: ['a'] })), commitEntry('1', { patch })]).state).toEqual({
      log: ['in', 'a'],
      best: 9,
    });
  });

  it('leaves the state alone for what happens in an inner run, and counts its commits', () => {
    const entries = [
      ...begun,
      commitEntry('1.0#1/0', { input: { log: ['inner'] } }),
      outcomeEntry('1.0#1/1.0#1', done({ log: ['inner'] })),
      commitEntry('1.0#1/1'),
    ];
    expect(folded(entries)).toMatchObject({ step: 0, state: { log: ['in'] } });
    expect(folded(entries).openStep).toEqual(entries.slice(2));
  });

  it('keeps what is known of a step until it is committed', () => {
    const open = [effectEntry('1.0#1'), outcomeEntry('1.0#1', done({ log: ['a'] }))];
    expect(folded([...begun, ...open]).openStep).toEqual(open);
    expect(folded([...begun, ...open, commitEntry('1')])).toMatchObject({ openStep: [], step: 1 });
  });

  it('tells how a run ended', () => {
    expect(folded([...begun, endEntry()]).end).toEqual({ status: 'done' });
  });

  it('says so where a journal has no beginning', () => {
    expect(() => folded([commitEntry('0', { input: {} })])).toThrow(
      expect.objectContaining({ code: 'fixture-damaged' }),
    );
  });
});
