import { expect, it } from 'vitest';
import { Notes, notesMax } from '../../../../src/engine/run/notes.ts';
import type { RunNote } from '../../../../src/graph/run-types.ts';

const noteOf = (message: string): RunNote => ({ kind: 'unhandled-rejection', at: '1.0#1', node: 'ask', message });

it('keeps notes in the order in which they were made, frozen', () => {
  const notes = new Notes();
  notes.add(noteOf('first'));
  notes.add(noteOf('second'));
  expect(notes.all.map(({ message }) => message)).toEqual(['first', 'second']);
  expect(notes.all.every((note) => Object.isFrozen(note))).toBe(true);
});

it('keeps the first notes up to its limit, and drops the rest', () => {
  const notes = new Notes();
  for (let index = 0; index < notesMax + 10; index += 1) notes.add(noteOf(String(index)));
  expect(notes.all).toHaveLength(notesMax);
  expect(notes.all.at(-1)?.message).toBe(String(notesMax - 1));
});
