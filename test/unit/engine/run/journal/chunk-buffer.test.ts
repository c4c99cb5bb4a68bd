// Chunks on their way to the journal: which of them are written together, and when.
import { describe, expect, it } from 'vitest';
import { canonicalRecord } from '../../../../../src/base/value.ts';
import type { Value } from '../../../../../src/base/value.ts';
import { ChunkBuffer, groupCountMax } from '../../../../../src/engine/run/journal/chunk-buffer.ts';
import type { ChunkEntry } from '../../../../../src/journal/entry.ts';
import { Accumulator } from '../../../../../src/journal/fold/accumulator.ts';
import type { Segment } from '../../../../../src/journal/fold/accumulator.ts';
import type { AttemptKey } from '../../../../../src/journal/key.ts';
import { GivenTurns } from '../../../../support/given-turns.ts';
import { ManualClock, nextTurn } from '../../../../support/manual-clock.ts';

const one = '1.0#1' as AttemptKey;
const other = '1.1#1' as AttemptKey;
const chunk = (text: string): Value => canonicalRecord([['text', text]]);

class Journal {
  readonly clock = new ManualClock(1_000);
  readonly turns = new GivenTurns();
  readonly entries: ChunkEntry[] = [];
  flushes = 0;
  readonly buffer: ChunkBuffer;

  constructor(windowMs = 0) {
    const flush = (): void => {
      this.flushes += 1;
      this.buffer.drain();
    };
    this.buffer = new ChunkBuffer(this.clock, this.turns, (entry) => this.entries.push(entry), flush, windowMs);
  }

  /** Adds so many chunks of an attempt. */
  add(at: AttemptKey, first: number, count = 1, segment?: Segment): void {
    for (let ordinal = first; ordinal < first + count; ordinal += 1)
      this.buffer.add(at, 'ask', ordinal, chunk(`${at} ${ordinal}`), segment);
  }

  /** By entry: whose it is, its first chunk and how many it has. */
  get groups(): readonly string[] {
    return this.entries.map(({ at, ordinal, deltas }) => `${at}@${ordinal} ${deltas.length}`);
  }
}

describe('groups', () => {
  it('are of one attempt each, in the order in which they began', () => {
    const journal = new Journal();
    journal.add(one, 0, 2);
    journal.add(other, 0);
    journal.add(one, 2);
    journal.add(other, 1, 2);
    journal.buffer.drain();
    expect(journal.groups).toEqual([`${one}@0 3`, `${other}@0 3`]);
    expect(journal.entries[0]?.deltas).toEqual([0, 1, 2].map((ordinal) => chunk(`${one} ${ordinal}`)));
    expect(journal.entries[0]?.observed.times).toEqual([1_000, 1_000, 1_000]);
    expect(Object.isFrozen(journal.entries[0]?.deltas)).toBe(true);
  });

  it('hold no more than a reader may have to hold', () => {
    const journal = new Journal();
    journal.add(one, 0, groupCountMax * 2 + 1);
    journal.buffer.drain();
    expect(journal.groups).toEqual([
      `${one}@0 ${groupCountMax}`,
      `${one}@${groupCountMax} ${groupCountMax}`,
      `${one}@${groupCountMax * 2} 1`,
    ]);
  });

  it('have no gap: chunks that are given again from an earlier ordinal begin another one', () => {
    const journal = new Journal();
    journal.add(one, 5, 2);
    journal.add(one, 3, 2);
    journal.buffer.truncate(one, 'ask', 4);
    journal.add(one, 4);
    journal.buffer.drain();
    expect(journal.groups).toEqual([`${one}@5 2`, `${one}@3 2`, `${one}@4 0`, `${one}@4 1`]);
  });

  it('are not added to once they were handed over', () => {
    const journal = new Journal();
    journal.add(one, 0);
    journal.buffer.drain();
    journal.buffer.drain();
    journal.add(one, 1);
    journal.buffer.drain();
    expect(journal.groups).toEqual([`${one}@0 1`, `${one}@1 1`]);
  });
});

describe('a write', () => {
  it('comes at once after a quiet time, and then gathers what comes until its timer fires', async () => {
    const journal = new Journal();
    journal.add(one, 0, 3);
    expect(journal.flushes).toBe(0);
    await Promise.resolve();
    expect([journal.flushes, journal.groups]).toEqual([1, [`${one}@0 3`]]);
    journal.add(one, 3);
    await Promise.resolve();
    expect(journal.flushes).toBe(1);
    journal.add(one, 4);
    await nextTurn();
    expect([journal.flushes, journal.groups]).toEqual([2, [`${one}@0 3`, `${one}@3 2`]]);
    journal.clock.step(10);
    journal.add(one, 5);
    await Promise.resolve();
    expect(journal.flushes).toBe(3);
  });

  it('does not wait for a busy event loop once many chunks wait', () => {
    const journal = new Journal();
    journal.add(one, 0, 1_023);
    expect(journal.flushes).toBe(0);
    journal.add(one, 1_023);
    expect(journal.flushes).toBe(1);
    expect(journal.entries.flatMap(({ deltas }) => deltas)).toHaveLength(1_024);
  });

  it('waits for the rest of a window, which begins with its first chunk', async () => {
    const journal = new Journal(25);
    for (let ordinal = 0; ordinal < 4; ordinal += 1) {
      journal.add(one, ordinal);
      await journal.clock.advance(20);
    }
    expect(journal.groups).toEqual([`${one}@0 2`, `${one}@2 2`]);
    expect(journal.entries.map(({ observed }) => observed.times)).toEqual([
      [1_000, 1_020],
      [1_040, 1_060],
    ]);
    // What readers wait for besides does not.
    journal.buffer.showSoon();
    await nextTurn();
    expect(journal.flushes).toBe(3);
    journal.add(one, 4);
    journal.buffer.hurry();
    expect(journal.groups.at(-1)).toBe(`${one}@4 1`);
  });

  it('is hurried only if there is something to write', () => {
    const journal = new Journal();
    journal.buffer.hurry();
    expect(journal.flushes).toBe(0);
    journal.add(one, 0);
    journal.buffer.hurry();
    expect(journal.flushes).toBe(1);
  });
});

describe('segments', () => {
  const segmentsOf = (count: number): readonly Segment[] => {
    const accumulator = new Accumulator({ kind: 'fields', fields: { text: { kind: 'text', required: true } } });
    return Array.from({ length: count }, (_unused, index) => accumulator.add(chunk(String(index))));
  };

  it('are found by the chunks of a group, and all of them are in one', () => {
    const journal = new Journal();
    const segments = segmentsOf(300);
    for (const [ordinal, segment] of segments.entries()) journal.add(one, ordinal, 1, segment);
    journal.add(other, 0);
    journal.buffer.drain();
    expect(journal.groups).toEqual([`${one}@0 128`, `${one}@128 128`, `${one}@256 44`, `${other}@0 1`]);
    const found = journal.entries.map(({ deltas }) => journal.buffer.segmentOf(deltas));
    expect(found).toEqual([segments[0], segments[0], segments[256], undefined]);
  });

  it('are forgotten when others have been written since, so that they hold no more than a few deltas', () => {
    const journal = new Journal();
    for (const [ordinal, segment] of segmentsOf(40).entries()) {
      journal.add(one, ordinal, 1, segment);
      journal.buffer.drain();
    }
    const found = journal.entries.map(({ deltas }) => journal.buffer.segmentOf(deltas) !== undefined);
    expect(found.lastIndexOf(false)).toBe(40 - 16 - 1);
    expect(found.filter(Boolean)).toHaveLength(16);
  });
});

it('a first chunk waits for a later turn where this one is over', async () => {
  const journal = new Journal();
  journal.turns.isOver = true;
  journal.add(one, 0);
  await nextTurn();
  expect(journal.groups).toEqual([]);
  journal.turns.next();
  expect(journal.groups).toEqual(['1.0#1@0 1']);
});
