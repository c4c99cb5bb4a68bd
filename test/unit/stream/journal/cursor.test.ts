// Cursors as texts: what is written is read back, those of earlier versions stay readable, and no text does harm.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';
import { cursorText, endCursor, isEndCursor, readCursor } from '../../../../src/stream/journal/cursor.ts';
import type { Cursor } from '../../../../src/stream/journal/cursor.ts';
import { journalStart } from '../../../../src/stream/journal/position.ts';
import type { Position, StepStart, StreamOrder } from '../../../../src/stream/journal/position.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const small = fc.nat({ max: 999_999_999 });
const attempt = fc
  .tuple(small, small, fc.integer({ min: 1, max: 99 }))
  .map(([step, rank, number]) => attemptKey(taskKey(stepKey('', step), rank), number));
const inner = fc
  .tuple(attempt, small, small)
  .map(([scope, step, rank]) => attemptKey(taskKey(stepKey(scope, step), rank), 1));
const key = fc.oneof(attempt, inner);

const position: fc.Arbitrary<Position> = fc.oneof(
  fc.record({ order: fc.constant('arrival' as const), place: count, item: count }),
  fc.record({
    order: fc.constant('canonical' as const),
    ends: small,
    at: fc.oneof(small.map(String), key),
    item: count,
  }),
);
const start: fc.Arbitrary<StepStart> = fc
  .tuple(count, count, count)
  .map(([one, other, ends]) => ({ place: Math.max(one, other), graphPlace: Math.min(one, other), ends }));
const cursor: fc.Arbitrary<Cursor> = fc.record({
  position,
  start,
  unsettled: fc.array(fc.tuple(key, fc.string({ unit: 'binary' })), { maxLength: 5 }),
});
const runId = fc.string({ unit: 'grapheme', maxLength: 30 });

function codeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (thrown) {
    if (!(thrown instanceof RepriseError)) throw thrown;
    return thrown.code;
  }
}

/** The text of any JSON. */
const textOf = (json: unknown): string => Buffer.from(JSON.stringify(json), 'utf8').toString('base64url');

describe('a cursor', () => {
  it('says what was written into it, with the mark of the end and without', () => {
    fc.assert(
      fc.property(cursor, runId, fc.boolean(), (given, id, isEnd) => {
        const text = isEnd ? endCursor(endCursor(cursorText(id, given))) : cursorText(id, given);
        expect(isEndCursor(text)).toBe(isEnd);
        expect(text).toMatch(/^[\w-]+(?:\.end)?$/);
        expect(readCursor(text, id, given.position.order)).toEqual(given);
      }),
    );
  });

  it('is refused by the other order and by another run', () => {
    fc.assert(
      fc.property(cursor, runId, runId, (given, id, otherId) => {
        const text = cursorText(id, given);
        const { order } = given.position;
        const otherOrder = order === 'arrival' ? 'canonical' : 'arrival';
        expect(codeOf(() => readCursor(text, id, otherOrder))).toBe('cursor-invalid');
        if (otherId !== id) expect(codeOf(() => readCursor(text, otherId, order))).toBe('cursor-invalid');
      }),
    );
  });

  it.each<readonly [string, StreamOrder, Cursor]>([
    [
      'WzEsImEiLDcsMywicnVuIl0',
      'arrival',
      { position: { order: 'arrival', place: 7, item: 3 }, start: journalStart, unsettled: [] },
    ],
    [
      'WzEsImMiLCIyITMuMCMyIiwzLCJydW4iXQ',
      'canonical',
      { position: { order: 'canonical', ends: 2, at: '3.0#2', item: 3 }, start: journalStart, unsettled: [] },
    ],
    [
      'WzEsImEiLDEsMCwicnVuIixbWyIxLjAjMSIsIndyaXRlIl1dXQ.end',
      'arrival',
      {
        position: { order: 'arrival', place: 1, item: 0 },
        start: journalStart,
        unsettled: [[attemptKey(taskKey(stepKey('', 1), 0), 1), 'write']],
      },
    ],
  ])('of version 1 (%s) stays readable, and starts at the first entry', (text, order, wanted) => {
    expect(readCursor(text, 'run', order)).toEqual(wanted);
  });

  it.each<readonly [string, string]>([
    ['an empty text', ''],
    ['no JSON', 'none'],
    ['no list', textOf({ 0: 2 })],
    ['an unknown version', textOf([3, 'a', 0, 0, 'run', [0, 0, 0]])],
    ['a run that is no text', textOf([2, 'a', 0, 0, { toString: 1 }, [0, 0, 0]])],
    [
      'a run that is a deep list',
      Buffer.from(`[2,"a",0,0,${'['.repeat(40_000)}${']'.repeat(40_000)}]`).toString('base64url'),
    ],
    ['a place below 0', textOf([2, 'a', -1, 0, 'run', [0, 0, 0]])],
    ['a place that is no whole number', textOf([2, 'a', 0.5, 0, 'run', [0, 0, 0]])],
    ['an item that is too large', textOf([2, 'a', 0, 2 ** 53, 'run', [0, 0, 0]])],
    ['no start', textOf([2, 'a', 0, 0, 'run'])],
    ['a start of two numbers', textOf([2, 'a', 0, 0, 'run', [0, 0]])],
    ['a graph after the start', textOf([2, 'a', 5, 0, 'run', [4, 5, 0]])],
    ['unsettled attempts that are tasks', textOf([2, 'a', 0, 0, 'run', [0, 0, 0], [['1.0', 'write']]])],
    ['unsettled attempts without nodes', textOf([2, 'a', 0, 0, 'run', [0, 0, 0], [['1.0#1']]])],
    ['more than any cursor holds', 'A'.repeat(200_000)],
  ])('that is %s is refused with a code', (_what, text) => {
    expect(codeOf(() => readCursor(text, 'run', 'arrival'))).toBe('cursor-invalid');
  });

  it('that was changed anywhere is read as another one, or refused with a code', () => {
    const text = fc.tuple(cursor, fc.nat(), fc.string({ maxLength: 3 })).map(([given, at, change]) => {
      const whole = cursorText('run', given);
      const place = at % whole.length;
      return whole.slice(0, place) + change + whole.slice(place + 1);
    });
    const json = fc.array(fc.jsonValue(), { maxLength: 8 }).map((list) => textOf([2, 'c', ...list]));
    fc.assert(
      fc.property(
        fc.oneof(text, json, fc.string({ unit: 'binary' })),
        fc.constantFrom('arrival', 'canonical'),
        (given, order) => {
          expect(['read', 'cursor-invalid']).toContain(codeOf(() => readCursor(given, 'run', order as StreamOrder)));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
