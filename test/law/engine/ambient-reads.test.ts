// What an attempt reads of clocks and randomness, over every order of reads, deliveries and writes.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../../../src/base/value.ts';
import { randomBytes, randomInt, mathRandom, randomUuid } from '../../../src/journal/ambient/random-source.ts';
import type { AmbientEntry } from '../../../src/journal/entry.ts';
import type { ClockSource } from '../../../src/port/ambient-reads.ts';
import { ReadingAttempt } from '../../support/reading-attempt.ts';

type Act = { readonly task: string | undefined } & (
  | { readonly kind: 'clock'; readonly source: ClockSource }
  | { readonly kind: 'draw'; readonly source: string }
  | { readonly kind: 'delivery' | 'part' | 'write' }
);

const clocks = ['Date.now', 'Temporal.Now.instant', 'performance.now', 'process.hrtime'] as const;
const draws = [mathRandom, randomUuid, randomBytes(4), randomBytes(16), randomInt(0, 1_000)];
const task = fc.constantFrom(undefined, 'left#0', 'right#0');
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('clock' as const), source: fc.constantFrom(...clocks), task }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('draw' as const), source: fc.constantFrom(...draws), task }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delivery' as const), task }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const), task }) },
  ),
  { maxLength: 60 },
);

/** A process whose clocks move and whose draws never repeat. */
class Process {
  #count: number;
  constructor(count = 0) {
    this.#count = count;
  }
  time(source: ClockSource): number | bigint {
    this.#count += 1;
    return source === 'Date.now' || source === 'performance.now' ? this.#count : BigInt(this.#count);
  }
  draw(source: string): Value {
    this.#count += 1;
    if (source === mathRandom) return 1 / (this.#count + 1);
    if (source === randomUuid) return `00000000-0000-4000-8000-${String(this.#count).padStart(12, '0')}`;
    if (source === randomInt(0, 1_000)) return this.#count % 1_000;
    return new Uint8Array(source === randomBytes(4) ? 4 : 16).fill(this.#count % 256);
  }
}

function perform(
  attempt: ReadingAttempt,
  list: readonly Act[],
  outside = new Process(),
): readonly (Value | undefined)[] {
  return list.map((act) => attempt.inside(act.task, () => one(attempt, act, outside)));
}

function one(attempt: ReadingAttempt, act: Act, outside: Process): Value | undefined {
  if (act.kind === 'clock') return attempt.reads.clock(act.source, () => outside.time(act.source));
  if (act.kind === 'draw') return attempt.reads.draw(act.source, () => outside.draw(act.source));
  if (act.kind === 'delivery') attempt.deliver(act.task);
  else if (act.kind === 'part') attempt.deliverPart();
  else attempt.flush();
  return undefined;
}

function replayed(entries: readonly AmbientEntry[]): {
  readonly attempt: ReadingAttempt;
  readonly unrecorded: () => number;
} {
  let count = 0;
  const unrecorded = (): void => {
    count += 1;
  };
  return {
    attempt: new ReadingAttempt({ entryCount: 0, entries, beyond: 'derived', unrecorded }),
    unrecorded: () => count,
  };
}

it('a replay reads what was read, and keeps nothing', () => {
  fc.assert(
    fc.property(acts, (list) => {
      const live = new ReadingAttempt();
      const read = perform(live, list);
      const { attempt, unrecorded } = replayed(live.flush().entries);
      expect(perform(attempt, list, new Process(1_000_000))).toEqual(read);
      expect([unrecorded(), attempt.flush().entries]).toEqual([0, []]);
    }),
  );
});

it('a read too few shifts nothing in another segment or of another source', () => {
  fc.assert(
    fc.property(acts, fc.nat(), (list, place) => {
      const live = new ReadingAttempt();
      const read = perform(live, list);
      const reads = list.flatMap(({ kind }, index) => (kind === 'clock' || kind === 'draw' ? [index] : []));
      const left = reads[place % Math.max(1, reads.length)];
      const { attempt, unrecorded } = replayed(live.flush().entries);
      const now = perform(
        attempt,
        list.filter((_act, index) => index !== left),
      );
      const expected = read.filter((_value, index) => index !== left);
      const act = list[left ?? 0];
      const segmentEnd = list.findIndex(
        (each, index) => each.kind === 'delivery' && each.task === act?.task && index > (left ?? 0),
      );
      list
        .filter((_act, index) => index !== left)
        .forEach((each, index) => {
          const isShifted = index >= (left ?? 0) && (segmentEnd < 0 || index < segmentEnd);
          const isSame =
            act !== undefined &&
            'source' in act &&
            'source' in each &&
            act.source === each.source &&
            act.task === each.task;
          if (!(isShifted && isSame)) expect(now[index]).toEqual(expected[index]);
        });
      expect(unrecorded()).toBe(0);
    }),
  );
});

it('a replay reads the same in every task, in whatever order they run', () => {
  fc.assert(
    fc.property(acts, fc.array(fc.nat()), (list, order) => {
      const live = new ReadingAttempt();
      const read = perform(live, list);
      const ofTask = (path: string | undefined): readonly number[] =>
        list.flatMap((act, index) => (act.task === path ? [index] : []));
      // Each task keeps its own order, and any of them comes next.
      const queues = [undefined, 'left#0', 'right#0'].map((path) => [...ofTask(path)]);
      const mixed: number[] = [];
      for (let turn = 0; queues.some((queue) => queue.length > 0); turn += 1) {
        const left = queues.filter((queue) => queue.length > 0);
        mixed.push(left[(order[turn % Math.max(1, order.length)] ?? 0) % left.length]?.shift() as number);
      }
      const { attempt, unrecorded } = replayed(live.flush().entries);
      const now = perform(
        attempt,
        mixed.map((index) => list[index] as Act),
      );
      expect(now).toEqual(mixed.map((index) => read[index]));
      expect(unrecorded()).toBe(0);
    }),
  );
});

it('a replay whose parts come at other moments reads the same', () => {
  fc.assert(
    fc.property(acts, fc.array(fc.nat({ max: 3 })), (list, counts) => {
      const part: Act = { kind: 'part', task: undefined };
      const parts = (index: number): readonly Act[] =>
        Array.from({ length: counts[index % counts.length] ?? 0 }, () => part);
      const isNoPart = (_value: unknown, index: number): boolean => withParts[index] !== part;
      const withParts = list.flatMap((act, index) => [...parts(index), act]);
      const live = new ReadingAttempt();
      const read = perform(live, withParts).filter(isNoPart);
      const { attempt, unrecorded } = replayed(live.flush().entries);
      expect(perform(attempt, list)).toEqual(read);
      expect(unrecorded()).toBe(0);
    }),
  );
});

it('a read too many is the same in every replay, and counted', () => {
  fc.assert(
    fc.property(acts, acts, (recorded, list) => {
      const live = new ReadingAttempt();
      perform(live, recorded);
      const { entries } = live.flush();
      const [first, second] = [replayed(entries), replayed(entries)];
      expect(perform(first.attempt, list, new Process(7))).toEqual(perform(second.attempt, list, new Process(1_234)));
      expect(first.unrecorded()).toBe(second.unrecorded());
    }),
  );
});

it('nothing is drawn twice in an order that was not recorded', () => {
  const drawn = (list: readonly Act[]): readonly Act[] =>
    list.filter((act) => act.kind !== 'clock' && (act.kind !== 'draw' || act.source === mathRandom));
  fc.assert(
    fc.property(acts, acts, (recorded, list) => {
      const live = new ReadingAttempt();
      perform(live, drawn(recorded));
      const { entries } = live.flush();
      const again = new ReadingAttempt({ entryCount: 0, entries, beyond: 'derived', drawsOnce: true });
      const given = perform(again, drawn(list)).filter((value) => value !== undefined);
      expect(new Set(given).size).toBe(given.length);
    }),
  );
});

it('what a read too many was given is not given again where it was recorded', () => {
  const draw: Act = { kind: 'draw', task: undefined, source: mathRandom };
  const delivery: Act = { kind: 'delivery', task: undefined };
  const live = new ReadingAttempt();
  const [own, , later] = perform(live, [draw, delivery, draw]);
  const { entries } = live.flush();
  const again = (drawsOnce: boolean): readonly unknown[] =>
    perform(new ReadingAttempt({ entryCount: 0, entries, beyond: 'derived', drawsOnce }), [draw, draw, delivery, draw]);
  expect(again(false)).toEqual([own, later, undefined, later]);
  const [first, early, , last] = again(true);
  expect([first, early]).toEqual([own, later]);
  expect([own, later]).not.toContain(last);
});

it('an attempt that is entered again reads what was written, then the real thing, and both replay', () => {
  fc.assert(
    fc.property(acts, fc.nat(), (list, cut) => {
      const end = cut % (list.length + 1);
      const first = new ReadingAttempt();
      const before = perform(first, list.slice(0, end));
      const written = first.entries;
      const again = new ReadingAttempt({ entryCount: written.length, entries: written, beyond: 'real' });
      const read = perform(again, list, new Process(1_000_000));
      const lastWrite = list.slice(0, end).findLastIndex(({ kind }) => kind === 'write');
      expect(read.slice(0, lastWrite + 1)).toEqual(before.slice(0, lastWrite + 1));
      const entries = [...written, ...again.flush().entries];
      expect(entries.map(({ ordinal }) => ordinal)).toEqual(entries.map((_entry, ordinal) => ordinal));
      const { attempt, unrecorded } = replayed(entries);
      expect(perform(attempt, list)).toEqual(read);
      expect(unrecorded()).toBe(0);
    }),
  );
});
