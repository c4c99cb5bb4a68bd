import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../../../src/base/in-pieces.ts';
import { ResumeFold } from '../../../../../src/engine/stored/resume/resume-fold.ts';
import type { AttemptResult, Entry } from '../../../../../src/journal/entry.ts';
import { commitEntry, endEntry, outcomeEntry, runEntry } from '../../../../support/journals.ts';

const begun = [runEntry('run'), commitEntry('0', { input: { text: 'hi' }, frontier: [{ node: 'ask' }] })];
const input = { text: 'inner' };
const limit = { name: 'RepriseError', code: 'limit-reached' };
const done: AttemptResult = { status: 'done' };
const failed = (error: object = { name: 'Error' }): AttemptResult => ({ status: 'failed', error: error as never });
const outcome = (at: string, result: AttemptResult): Entry => outcomeEntry(at, { result });
const failure = (step = 0): Entry => endEntry({ step, end: { status: 'failed', error: 'no' } });

function folded(...entries: readonly Entry[]): ResumeFold {
  const fold = new ResumeFold();
  for (const entry of [...begun, ...entries]) fold.add(entry);
  return fold;
}

describe('the steps of a run that count towards its limit', () => {
  it('are those that were committed, but for the input', () => {
    expect(folded().stepCount).toBe(0);
    expect(folded(commitEntry('1'), commitEntry('2'), outcome('3.0#1', done)).stepCount).toBe(2);
  });

  it('include the steps of inner runs, once the step around them is committed', () => {
    const inner = [
      commitEntry('1.0#1/0', { input }),
      commitEntry('1.0#1/1'),
      commitEntry('1.0#1/2.0#1/0', { input }),
      commitEntry('1.0#1/2.0#1/1'),
      commitEntry('1.0#1/2'),
    ];
    expect(folded(...inner).stepCount).toBe(0);
    expect(folded(...inner, commitEntry('1')).stepCount).toBe(1 + 3);
  });

  it('do not include steps inside an inner step that was not committed', () => {
    const inner = [commitEntry('1.0#1/1.0#1/0', { input }), commitEntry('1.0#1/1.0#1/1'), commitEntry('1.0#2/1')];
    expect(folded(...inner, commitEntry('1')).stepCount).toBe(1 + 1);
  });

  it('continue those of a checkpoint', () => {
    const fold = new ResumeFold();
    const [run] = begun as [ReturnType<typeof runEntry>];
    fold.restore({ run, step: 5, state: { text: 'hi' }, frontier: [], stepCount: 12 });
    fold.add(commitEntry('6'));
    expect([fold.step, fold.stepCount]).toEqual([6, 13]);
  });
});

describe('the tasks that had failed', () => {
  it('keep the last attempt that failed, also where a later one has succeeded', () => {
    const entries = [
      outcome('1.0#2', failed()),
      outcome('1.0#1', failed()),
      outcome('1.1#1', failed()),
      outcome('1.1#2', done),
      outcome('1.2#1', { status: 'timeout', error: 'late' }),
    ];
    expect([...folded(...entries, failure()).failedTasks]).toEqual([
      ['1.0', 2],
      ['1.1', 1],
      ['1.2', 1],
    ]);
  });

  it('are empty for a run that has not failed', () => {
    expect(folded(outcome('1.0#1', failed())).failedTasks.size).toBe(0);
  });

  it('stay as they were when the run failed, however it was resumed since', () => {
    const fold = folded(outcome('1.0#1', failed()), failure(), outcome('1.0#2', failed()), outcome('1.1#1', failed()));
    expect([...fold.failedTasks]).toEqual([['1.0', 1]]);
    fold.add(failure());
    expect([...fold.failedTasks]).toEqual([
      ['1.0', 2],
      ['1.1', 1],
    ]);
  });

  it('are forgotten with the next commit', () => {
    const fold = folded(outcome('1.0#1', failed()), failure(), outcome('1.0#2', done), commitEntry('1'));
    fold.add(outcome('2.0#1', failed()));
    expect(fold.failedTasks.size).toBe(0);
  });
});

describe('the errors of limits', () => {
  const innerBegun = commitEntry('1.0#1/0', { input });

  it('are those that ended an inner run', () => {
    const fold = folded(innerBegun, outcome('1.0#1', failed(limit)));
    expect(fold.limitErrors).toEqual([limit]);
  });

  it('are not those that a node without an inner run has thrown', () => {
    expect(folded(outcome('1.0#1', failed(limit))).limitErrors).toEqual([]);
    expect(folded(innerBegun, outcome('1.0#1', failed({ ...limit, code: 'conflict' }))).limitErrors).toEqual([]);
    expect(folded(innerBegun, outcome('1.0#1', failed({ ...limit, name: 'Error' }))).limitErrors).toEqual([]);
  });

  it('are not those that a node of the inner run has thrown, and its run passed on', () => {
    const fold = folded(innerBegun, outcome('1.0#1/1.0#1', failed(limit)), outcome('1.0#1', failed(limit)));
    expect(fold.limitErrors).toEqual([]);
  });

  it('are found at every level that a limit was passed on through', () => {
    const entries = [
      innerBegun,
      commitEntry('1.0#1/1.0#1/0', { input }),
      outcome('1.0#1/1.0#1', failed({ ...limit, level: 2 })),
      outcome('1.0#1', failed({ ...limit, level: 1 })),
    ];
    expect(folded(...entries).limitErrors).toEqual([
      { ...limit, level: 2 },
      { ...limit, level: 1 },
    ]);
  });
});

describe('the inner steps of attempts that have ended', () => {
  it('are counted by the step around them, and not those of attempts that will run again', () => {
    const entries = [
      commitEntry('1.0#1/0', { input }),
      commitEntry('1.0#1/1'),
      commitEntry('1.0#1/2'),
      outcome('1.0#1', failed()),
      commitEntry('1.0#2/1'),
      commitEntry('1.1#1/1.0#1/1'),
      outcome('1.1#1/1.0#1', done),
      commitEntry('1.1#1/2.0#1/1'),
    ];
    expect([...atOnce(folded(...entries).endedInnerSteps())]).toEqual([
      ['1', 2],
      ['1.1#1/1', 1],
    ]);
  });

  it('are counted once, by the outermost attempt that has ended', () => {
    const entries = [
      commitEntry('1.0#1/1.0#1/1'),
      outcome('1.0#1/1.0#1', done),
      commitEntry('1.0#1/1'),
      outcome('1.0#1', done),
    ];
    expect([...atOnce(folded(...entries).endedInnerSteps())]).toEqual([['1', 2]]);
  });
});
