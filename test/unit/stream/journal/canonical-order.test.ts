// Entries of a run that grows in any order, put into the one order that no schedule changes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkEntry, Entry } from '../../../../src/journal/entry.ts';
import { keyNumbers } from '../../../../src/journal/key.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { CanonicalOrder, compareOuterLast } from '../../../../src/stream/journal/canonical-order.ts';
import { commitEntry, endEntry, outcomeEntry, runEntry } from '../../../support/journals.ts';

function chunk(at: string): ChunkEntry {
  return { kind: 'chunk', at: at as AttemptKey, node: 'ask', ordinal: 0, deltas: [], observed: { times: [] } };
}

const done = (at: string): Entry => outcomeEntry(at);
const failed = (at: string): Entry => outcomeEntry(at, { result: { status: 'failed', error: 'no' } });

/** The keys of what may be read after each entry. */
function released(entries: readonly Entry[]): readonly string[] {
  const order = new CanonicalOrder();
  return entries.map((entry, place) =>
    order
      .add({ entry, place })
      .map((ready) => `${(entries[ready] as Entry).kind} ${(entries[ready] as Entry).at}`.trim())
      .join(', '),
  );
}

describe('canonical order', () => {
  it('releases the lowest rank at once, and the next when that is done', () => {
    expect(
      released([
        chunk('1.1#1'),
        chunk('1.0#1'),
        done('1.1#1'),
        chunk('1.2#1'),
        done('1.0#1'),
        done('1.2#1'),
        commitEntry('1'),
      ]),
    ).toEqual([
      '',
      'chunk 1.0#1',
      '',
      '',
      'outcome 1.0#1, chunk 1.1#1, outcome 1.1#1, chunk 1.2#1',
      'outcome 1.2#1',
      'commit 1',
    ]);
  });

  it('does not take a failed attempt for a task that is done', () => {
    expect(released([chunk('1.1#1'), failed('1.0#1'), chunk('1.0#2'), done('1.0#2')])).toEqual([
      '',
      'outcome 1.0#1',
      'chunk 1.0#2',
      'outcome 1.0#2, chunk 1.1#1',
    ]);
  });

  it('releases what runs inside an attempt before the outcome of the attempt, rank by rank', () => {
    expect(
      released([chunk('1.0#1/1.1#1'), chunk('1.1#1/1.0#1'), done('1.0#1/1.1#1'), done('1.0#1/1.0#1'), done('1.0#1')]),
    ).toEqual([
      '',
      '',
      '',
      'outcome 1.0#1/1.0#1, chunk 1.0#1/1.1#1, outcome 1.0#1/1.1#1',
      'outcome 1.0#1, chunk 1.1#1/1.0#1',
    ]);
  });

  it('holds nothing back past a commit or the end of the run', () => {
    expect(released([chunk('1.1#1'), commitEntry('1'), chunk('2.0#1')])).toEqual([
      '',
      'chunk 1.1#1, commit 1',
      'chunk 2.0#1',
    ]);
    expect(released([runEntry('run'), chunk('1.1#1'), endEntry()])).toEqual(['run', '', 'chunk 1.1#1, end']);
    expect(released([chunk('1.1#1'), commitEntry('1.1#1/1')])).toEqual(['', '']);
  });

  it('is the same for every order in which the tasks of a step come, each once', () => {
    const tasks = fc.shuffledSubarray(
      Array.from({ length: 12 }, (_unused, rank) => rank),
      { minLength: 12 },
    );
    const wanted = Array.from({ length: 12 }, (_unused, rank) => [`chunk 1.${rank}#1`, `outcome 1.${rank}#1`]).flat();
    fc.assert(
      fc.property(tasks, fc.boolean(), (ranks, isApart) => {
        const chunks = ranks.map((rank) => chunk(`1.${rank}#1`));
        const ends = ranks.map((rank) => done(`1.${rank}#1`));
        const mixed = isApart ? [...chunks, ...ends] : ranks.flatMap((_rank, index) => [chunks[index], ends[index]]);
        const entries = [...(mixed as Entry[]), commitEntry('1')];
        expect(
          released(entries)
            .filter((text) => text !== '')
            .join(', ')
            .split(', '),
        ).toEqual([...wanted, 'commit 1']);
      }),
    );
  });

  it('compares keys in a total order', () => {
    const keys = ['1.0#1/1.0#1', '1.0#1/1.0', '1.0#1', '1.0#2', '1.0', '1.1#1/2.0#1', '1.1#1', '1', '2'];
    const sorted = [...keys].reverse().sort((left, right) => compareOuterLast(keyNumbers(left), keyNumbers(right)));
    expect(sorted).toEqual(keys);
  });
});
