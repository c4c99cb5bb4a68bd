// The accumulated value after each chunk, whatever has become void before, and whatever reader still asks about it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { Accumulator } from '../../../src/journal/fold/accumulator.ts';
import type { Segment } from '../../../src/journal/fold/accumulator.ts';
import type { StateDescription } from '../../../src/journal/description.ts';

const state: StateDescription = {
  kind: 'fields',
  fields: {
    answer: { kind: 'text', required: true },
    items: { kind: 'append', required: true },
    tokens: { kind: 'sum', required: true },
  },
};

interface Chunk {
  readonly answer: string;
  readonly items: readonly number[];
  readonly tokens: number;
}

const chunkOf = (number: number): Chunk => ({ answer: `${number} `, items: [number], tokens: number });

/** The value of the first chunks, computed in the plainest way. */
function plainly(chunks: readonly Chunk[]): Chunk {
  return {
    answer: chunks.map(({ answer }) => answer).join(''),
    items: chunks.flatMap(({ items }) => items),
    tokens: chunks.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

describe('an accumulator', () => {
  it('gives the value up to every chunk, in any order of requests, for void chunks too', () => {
    const acts = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 400 }) }),
        fc.record({ kind: fc.constant('cut' as const), back: fc.nat({ max: 300 }) }),
        fc.record({ kind: fc.constant('ask' as const), seed: fc.nat() }),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(acts, (given) => {
        const accumulator = new Accumulator(state);
        const chunks: Chunk[] = [];
        const seen: { readonly segment: Segment; readonly ordinal: number; readonly wanted: readonly Chunk[] }[] = [];
        let number = 0;
        for (const act of given) {
          if (act.kind === 'add') {
            for (let count = 0; count < act.count; count += 1) {
              number += 1;
              const segment = accumulator.add(canonicalValue(chunkOf(number), 'chunk'));
              chunks.push(chunkOf(number));
              if (number % 37 === 0) seen.push({ segment, ordinal: chunks.length - 1, wanted: [...chunks] });
            }
          } else if (act.kind === 'cut') {
            const ordinal = Math.max(0, chunks.length - act.back);
            if (!accumulator.canTruncate(ordinal)) continue;
            accumulator.truncate(ordinal);
            chunks.length = ordinal;
          } else if (seen.length > 0) {
            const { segment, ordinal, wanted } = seen[act.seed % seen.length] as (typeof seen)[number];
            expect(segment.deltaAt(ordinal)).toEqual(plainly(wanted));
          }
          expect(accumulator.count).toBe(chunks.length);
        }
        for (const { segment, ordinal, wanted } of seen) expect(segment.deltaAt(ordinal)).toEqual(plainly(wanted));
        if (chunks.length > 0) expect(accumulator.fold.delta as unknown).toEqual(plainly(chunks));
      }),
      { numRuns: 60 },
    );
  });

  it('of a reader says the same whether it takes over what the attempt has folded, folds for itself, or changes between', () => {
    const rows = fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 128 }), isShared: fc.boolean(), asked: fc.nat() }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(rows, rows, (given, again) => {
        const attempt = new Accumulator(state);
        const reader = new Accumulator(state);
        const chunks: Chunk[] = [];
        const read = ({ count, isShared, asked }: (typeof given)[number]): void => {
          const ordinal = chunks.length;
          let shared: Segment | undefined;
          const deltas: Value[] = [];
          for (let index = 0; index < count; index += 1) {
            const segment = attempt.add(canonicalValue(chunkOf(chunks.length), 'chunk'));
            // A row is of one segment.
            if (shared !== undefined && segment !== shared) {
              chunks.push(chunkOf(chunks.length));
              deltas.push(canonicalValue(chunkOf(chunks.length - 1), 'chunk'));
              shared = undefined;
              break;
            }
            shared = segment;
            deltas.push(canonicalValue(chunkOf(chunks.length), 'chunk'));
            chunks.push(chunkOf(chunks.length));
          }
          const row = reader.addRow(deltas, ordinal, isShared ? shared : undefined);
          const at = ordinal + (asked % deltas.length);
          expect(row.deltaAt(at)).toEqual(plainly(chunks.slice(0, at + 1)));
          expect(reader.count).toBe(chunks.length);
        };
        for (const row of given) read(row);
        const back = Math.min(chunks.length, 20);
        if (reader.canTruncate(chunks.length - back)) {
          // The attempt was entered again, and gave something else from there on.
          reader.truncate(chunks.length - back);
          expect(reader.fold.delta as unknown).toEqual(
            chunks.length === back ? {} : plainly(chunks.slice(0, chunks.length - back)),
          );
          reader.addRow(
            chunks.slice(chunks.length - back).map((chunk) => canonicalValue(chunk, 'chunk')),
            chunks.length - back,
            undefined,
          );
        }
        for (const row of again) read(row);
        expect(reader.fold.delta as unknown).toEqual(plainly(chunks));
        expect(attempt.fold.delta as unknown).toEqual(plainly(chunks));
      }),
      { numRuns: 60 },
    );
  });

  it('forgets old single chunks: only the last few hundred can be taken back', () => {
    const accumulator = new Accumulator(state);
    for (let number = 0; number < 10_000; number += 1)
      accumulator.add(canonicalValue(chunkOf(number), 'chunk') as Value);
    expect(accumulator.canTruncate(9_000)).toBe(false);
    expect(accumulator.canTruncate(9_999)).toBe(true);
  });
});
