import { describe, expect, it } from 'vitest';
import { mathRandom, randomBytes, randomUuid } from '../../../../../src/journal/ambient/random-source.ts';
import type { AmbientEntry } from '../../../../../src/journal/entry.ts';
import { ReadingAttempt } from '../../../../support/reading-attempt.ts';

function replaying(entries: readonly AmbientEntry[]): ReadingAttempt {
  return new ReadingAttempt({ entryCount: 0, entries, beyond: 'derived' });
}

describe('a clock', () => {
  it('that is read more often than it was moves on by a millisecond, so that a loop which waits ends', () => {
    const live = new ReadingAttempt();
    live.reads.clock('Date.now', () => 50);
    live.reads.clock('process.hrtime', () => 7n);
    const { reads } = replaying(live.flush().entries);
    const real = (): never => {
      throw new Error('a replay has no real clock');
    };
    expect([0, 1, 2].map(() => reads.clock('Date.now', real))).toEqual([50, 51, 52]);
    expect([0, 1].map(() => reads.clock('process.hrtime', real))).toEqual([7n, 1_000_007n]);
    // Nothing is known of these: the time of the replay, and a stopwatch that starts.
    expect([0, 1].map(() => reads.clock('performance.now', real))).toEqual([0, 1]);
    expect(reads.clock('Temporal.Now.instant', real)).toBe(1_000_000_000n);
  });

  it('of which more than 1,000 readings were taken in a segment is kept with the first and the last', () => {
    const live = new ReadingAttempt();
    for (let time = 1; time <= 5_000; time += 1) live.reads.clock('Date.now', () => time);
    const [entry, ...more] = live.flush().entries;
    expect(more).toEqual([]);
    expect(entry?.observed.reads).toEqual([
      { segment: 0, source: 'Date.now', from: 0, values: [1] },
      { segment: 0, source: 'Date.now', from: 4_999, values: [5_000] },
    ]);
    const { reads } = replaying(live.entries);
    expect([0, 1, 2].map(() => reads.clock('Date.now', () => 0))).toEqual([1, 5_000, 5_000]);
  });

  it('that is read on and on between the parts of a body loses no reading', () => {
    const live = new ReadingAttempt();
    const times = Array.from({ length: 3_000 }, (_unused, index) => index + 1);
    for (const time of times) {
      live.reads.clock('Date.now', () => time);
      live.deliverPart();
    }
    const { reads } = replaying(live.flush().entries);
    expect(times.map(() => reads.clock('Date.now', () => 0))).toEqual(times);
  });

  it('of which a long row is read keeps the readings before and after it', () => {
    const live = new ReadingAttempt();
    const row = (from: number, count: number): void => {
      for (let time = from; time < from + count; time += 1) live.reads.clock('Date.now', () => time);
      live.deliverPart();
    };
    row(1, 3);
    row(100, 5_000);
    row(9_001, 2);
    const { reads } = replaying(live.flush().entries);
    const read = Array.from({ length: 5_005 }, () => reads.clock('Date.now', () => 0));
    expect(read.slice(0, 6)).toEqual([1, 2, 3, 100, 5_099, 5_099]);
    expect(read.slice(-3)).toEqual([5_099, 9_001, 9_002]);
  });

  it('that is read sooner than it was gives what was kept for later, and gives it again there', () => {
    const live = new ReadingAttempt();
    live.reads.clock('Date.now', () => 10);
    live.deliver();
    live.deliver();
    live.reads.clock('Date.now', () => 20);
    live.reads.clock('Date.now', () => 21);
    const entries = live.flush().entries;
    let unrecorded = 0;
    const again = new ReadingAttempt({
      entryCount: 0,
      entries,
      beyond: 'derived',
      unrecorded: () => {
        unrecorded += 1;
      },
    });
    const read = (): number => again.reads.clock('Date.now', () => 0);
    expect([read(), read(), read()]).toEqual([10, 20, 21]);
    expect(unrecorded).toBe(0);
    expect(read()).toBe(22);
    again.deliver();
    again.deliver();
    expect(read()).toBe(20);
    expect(unrecorded).toBe(2);
  });

  it('that only moves forward does so where its attempt is entered again', () => {
    const first = new ReadingAttempt();
    first.reads.clock('performance.now', () => 900);
    first.reads.clock('Date.now', () => 900);
    const { entries } = first.flush();
    const { reads } = new ReadingAttempt({ entryCount: 1, entries, beyond: 'real' });
    expect(reads.clock('performance.now', () => 5)).toBe(900);
    expect([5, 8, 9].map((time) => reads.clock('performance.now', () => time))).toEqual([900, 903, 904]);
    expect([reads.clock('Date.now', () => 5), reads.clock('Date.now', () => 5)]).toEqual([900, 5]);
  });
});

describe('random values', () => {
  it('are the attempt’s own: what a node does to them changes nothing that is kept', () => {
    const live = new ReadingAttempt();
    const drawn = live.reads.draw(randomBytes(2), () => new Uint8Array([1, 2]));
    drawn[0] = 9;
    const first = replaying(live.flush().entries).reads.draw(randomBytes(2), () => new Uint8Array(2));
    first[1] = 9;
    expect(replaying(live.entries).reads.draw(randomBytes(2), () => new Uint8Array(2))).toEqual(new Uint8Array([1, 2]));
  });

  it('are kept up to 64 KB an attempt, and then noted once', () => {
    const live = new ReadingAttempt();
    for (let count = 0; count < 8_192; count += 1) live.reads.draw(mathRandom, () => 0.5);
    expect(live.notes).toEqual([]);
    for (let count = 0; count < 3; count += 1) live.reads.draw(mathRandom, () => 0.5);
    expect(live.notes).toEqual([
      'more than 64 KB of random values in one attempt: the rest is not recorded, and this run may not replay',
    ]);
    expect(live.flush().entries[0]?.observed.reads?.[0]?.values).toHaveLength(8_192);
  });

  it('that do not have the form of their source are not given back', () => {
    const live = new ReadingAttempt();
    live.reads.draw(randomUuid, () => 'no UUID');
    expect(replaying(live.flush().entries).reads.draw(randomUuid, () => '')).toMatch(/^[\da-f-]{36}$/);
  });
});

it('an attempt that reads nothing writes nothing, and one that reads writes one entry', () => {
  expect(new ReadingAttempt().flush().entries).toEqual([]);
  const live = new ReadingAttempt();
  for (const source of ['Date.now', 'performance.now'] as const) live.reads.clock(source, () => 1);
  live.deliver();
  live.reads.draw(mathRandom, () => 0.5);
  expect(live.flush().flush().entries).toHaveLength(1);
});
