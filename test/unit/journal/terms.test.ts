// The terms of a run in its journal: written and read back whole, refused where damaged, and kept out of fixtures.
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/journal/run/checkpoint.ts';
import { decodeEntry, encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import type { EditEntry, Entry, NoteEntry, RunEntry } from '../../../src/journal/entry.ts';
import type { RunTerms } from '../../../src/journal/run-facts.ts';
import { RunFold } from '../../../src/journal/fold/run-fold.ts';
import { stepKey } from '../../../src/journal/key.ts';
import { withoutOwners } from '../../../src/journal/redact/redact-entry.ts';
import { commitEntry, runEntry } from '../../support/journals.ts';

const terms: RunTerms = {
  pauseBefore: ['ask'],
  pauseAfter: ['answer'],
  deadline: { at: 5_000, timeoutMs: 1_000 },
  labels: { for: 'acme' },
  passed: 3,
};
const withTerms = (given: unknown): RunEntry =>
  ({ ...runEntry('r'), observed: { runId: 'r', time: 1, terms: given } }) as RunEntry;
const noteOf = (given: unknown): NoteEntry =>
  ({
    kind: 'note',
    at: stepKey('', 4),
    what: 'terms',
    message: 'resumed',
    observed: { time: 2, terms: given },
  }) as NoteEntry;
const edit: EditEntry = {
  kind: 'edit',
  at: stepKey('', 0),
  by: 'fork',
  patch: { kind: 'set', value: { text: '' } },
  seed: 'other',
  observed: { time: 1 },
};
const again = (entry: Entry): Entry => decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))));

it.each<[string, Entry]>([
  ['a run', withTerms(terms)],
  ['a note', noteOf(terms)],
  ['a fork with a seed', edit],
])('of %s are read back as they were written', (_name, entry) => {
  expect(again(entry)).toEqual(canonicalValue(entry, 'entry'));
});

it.each([
  null,
  { pauseBefore: 'ask' },
  { pauseAfter: [1] },
  { deadline: 5 },
  { deadline: { at: 'soon', timeoutMs: 1 } },
  { deadline: { at: 1 } },
  { labels: { for: 1 } },
  { labels: [1] },
  { passed: -1 },
])('that are no terms are refused: %j', (given) => {
  for (const entry of [withTerms(given), noteOf(given)]) expect(() => again(entry)).toThrow();
});

it('refuses a seed that is no text', () => {
  expect(() => again({ ...edit, seed: 5 } as never)).toThrow('seed is not a string');
});

describe('a fold', () => {
  const entries = [withTerms(terms), commitEntry('0', { input: { text: 'hi' } }), noteOf({ labels: { of: 'note' } })];
  const folded = (given: readonly Entry[]): RunFold => {
    const fold = new RunFold();
    for (const entry of given) fold.add(entry);
    return fold;
  };

  it('has the last terms, and the seed of the last fork', () => {
    expect(folded(entries.slice(0, 2)).run?.observed.terms).toEqual(terms);
    expect(folded(entries).run?.observed.terms).toEqual({ labels: { of: 'note' } });
    expect(folded([...entries.slice(0, 2), edit]).run?.seed).toBe('other');
  });

  it('knows the nodes of its last step where the run may pause after some, as a checkpoint does', () => {
    const next = commitEntry('1', { frontier: [{ node: 'answer' }, { node: 'ask' }, { node: 'answer' }] });
    const { run, state, frontier, ran } = folded([...entries.slice(0, 2), next, commitEntry('2')]);
    expect(ran).toEqual(['answer', 'ask']);
    expect(folded([runEntry('r'), ...entries.slice(1, 2), next, commitEntry('2')]).ran).toBeUndefined();
    const checkpoint = { run: run as RunEntry, step: 2, state, frontier, ran: ran ?? [], stepCount: 2 };
    const encoded = JSON.parse(JSON.stringify(encodeCheckpoint(checkpoint)));
    expect(decodeCheckpoint(encoded)).toEqual(canonicalValue(checkpoint, 'checkpoint'));
    expect(() => decodeCheckpoint({ ...encoded, ran: [1] })).toThrow('the nodes of a checkpoint are no names');
  });
});

it('are in no fixture', () => {
  for (const entry of [withTerms(terms), noteOf(terms)])
    expect(withoutOwners(entry).observed).not.toHaveProperty('terms');
});
