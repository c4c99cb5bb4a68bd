import { expect, it } from 'vitest';
import { Notes, notesMax } from '../../../../src/engine/run/notes.ts';
import type { GivenNote } from '../../../../src/engine/run/notes.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const at = attemptKey(taskKey(stepKey('', 1), 0), 1);
const noteOf = (message: string): GivenNote => ({ kind: 'unhandled-rejection', at, node: 'ask', message });

function notesIn(entries: Entry[]): Notes {
  return new Notes(new ManualClock(7), { add: (entry) => void entries.push(entry) });
}

it('keeps notes in the order in which they were made, frozen, and writes each', () => {
  const entries: Entry[] = [];
  const notes = notesIn(entries);
  notes.add(noteOf('first'));
  notes.add(noteOf('second'));
  expect(notes.all.map(({ message }) => message)).toEqual(['first', 'second']);
  expect(notes.all.every((note) => Object.isFrozen(note))).toBe(true);
  const what = 'unhandled-rejection';
  expect(entries).toEqual(
    ['first', 'second'].map((message) => ({ kind: 'note', at, node: 'ask', what, message, observed: { time: 7 } })),
  );
});

it('keeps the first notes up to its limit, and drops the rest', () => {
  const entries: Entry[] = [];
  const notes = notesIn(entries);
  for (let index = 0; index < notesMax + 10; index += 1) notes.add(noteOf(String(index)));
  expect(notes.all).toHaveLength(notesMax);
  expect(notes.all.at(-1)?.message).toBe(String(notesMax - 1));
  expect(entries).toHaveLength(notesMax);
});

it('counts what belongs to nobody by host, and notes it when the step ends, once', () => {
  const entries: Entry[] = [];
  const notes = notesIn(entries);
  for (const host of ['a.test', 'b.test', 'a.test']) notes.addUnattributed(host, `at ${host}`);
  expect(entries).toEqual([]);
  notes.stepEnds(stepKey('', 3));
  notes.stepEnds(stepKey('', 4));
  expect(entries).toMatchObject([
    { at: '3', what: 'unrecorded', mayNotReplay: true, observed: { count: 2, stack: 'at a.test' } },
    { at: '3', what: 'unrecorded', mayNotReplay: true, observed: { count: 1, stack: 'at b.test' } },
  ]);
  expect(entries[0]).not.toHaveProperty('node');
});

it('writes nothing into the journal of a run of version 1', () => {
  const notes = new Notes(new ManualClock(7), undefined);
  notes.add(noteOf('only shown'));
  expect(notes.all).toHaveLength(1);
});

it('takes nothing any more once its run has ended', () => {
  const entries: Entry[] = [];
  const notes = notesIn(entries);
  notes.addUnattributed('a.test', 'at a.test');
  notes.close(stepKey('', 3));
  const { all } = notes;
  expect(all).toHaveLength(1);
  notes.add(noteOf('late'));
  expect([all, notes.all, entries].map(({ length }) => length)).toEqual([1, 1, 1]);
});
