import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../../src/base/value.ts';
import { compareTasks } from '../../../../src/diff/compare/compare-tasks.ts';
import type { AttemptView } from '../../../../src/diff/compare/compare-attempt.ts';
import type { TaskEntry } from '../../../../src/journal/entry.ts';
import { noneLost } from '../../../../src/journal/step/race.ts';
import { taskEntry } from '../../../support/journals.ts';

const view = (tasks: readonly TaskEntry[], isRestarted = false): AttemptView => ({
  effects: [],
  unanswered: [],
  answered: new Set(),
  isCut: false,
  lost: noneLost,
  readPast: [],
  chunks: [],
  events: [],
  tasks,
  result: undefined,
  isRestarted,
  hasInner: false,
  stack: undefined,
});
const task = (path: string, fields: Partial<TaskEntry> = {}): TaskEntry => taskEntry('1.0#1', { path, ...fields });
const done = (value: string): TaskEntry['result'] => ({ status: 'done', value });
const failed = (message: string): TaskEntry['result'] => ({
  status: 'failed',
  error: canonicalValue(new Error(message), 'error'),
});
const found = (recorded: readonly TaskEntry[], replayed: readonly TaskEntry[]): unknown =>
  compareTasks(view(recorded), view(replayed)).map(({ task: path, path: at, recorded: left, replayed: right }) => [
    path,
    at,
    left,
    right,
  ]);

describe('compareTasks', () => {
  it('pairs tasks by their paths, whatever their order', () => {
    expect(found([task('left#0'), task('right#0')], [task('right#0'), task('left#0')])).toEqual([]);
    expect(found([task('left#0')], [task('right#0')])).toEqual([
      ['left#0', 'result', 'done', 'was not opened'],
      ['right#0', 'result', 'was not opened', 'done'],
    ]);
  });

  it('names inner tasks before those around them', () => {
    const both = (value: string): readonly TaskEntry[] => [
      task('a#0', { result: done(value) }),
      task('a#0/b#0', { result: done(value) }),
      task('a#0/b#0/c#0', { result: done(value) }),
    ];
    expect(found(both('x'), both('y'))).toEqual([
      ['a#0/b#0/c#0', 'result', 'x', 'y'],
      ['a#0/b#0', 'result', 'x', 'y'],
      ['a#0', 'result', 'x', 'y'],
    ]);
  });

  it('compares what went in first, then how it ended', () => {
    const one = task('a#0', { input: { id: 1 }, result: done('x') });
    expect(found([one], [task('a#0', { input: { id: 2 }, result: done('y') })])).toEqual([['a#0', 'input.id', 1, 2]]);
    expect(found([task('a#0', { result: done('x') })], [task('a#0', { result: failed('no') })])).toEqual([
      ['a#0', 'result', 'done', 'failed: Error: no'],
    ]);
    expect(found([task('a#0', { result: failed('no') })], [task('a#0', { result: failed('nay') })])).toEqual([
      ['a#0', 'error.message', 'no', 'nay'],
    ]);
  });

  it('leaves out what a journal could not hold, and whether a task ended before its attempt', () => {
    expect(found([task('a#0', { result: { status: 'done' } })], [task('a#0')])).toEqual([]);
    for (const result of [done('x'), failed('no')]) {
      expect(found([task('a#0', { result })], [task('a#0', { result: { status: 'open' } })])).toEqual([]);
      expect(found([task('a#0', { result: { status: 'open' } })], [task('a#0', { result })])).toEqual([]);
    }
  });

  it('compares nothing of a node that continued in the middle', () => {
    expect(compareTasks(view([task('a#0')], true), view([]))).toEqual([]);
  });
});
