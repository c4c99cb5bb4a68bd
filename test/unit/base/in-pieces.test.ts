import { expect, it } from 'vitest';
import { atOnce, inPieces, mapInPieces, sortInPieces } from '../../../src/base/in-pieces.ts';
import type { Piece } from '../../../src/base/in-pieces.ts';
import { inThisTurnOrLater, inTurns } from '../../../src/port/in-turns.ts';

function* doubled(count: number): Generator<Piece, readonly number[]> {
  const found: number[] = [];
  yield* inPieces(
    Array.from({ length: count }, (_unused, place) => place),
    (item, place) => found.push(item + place),
  );
  yield 'large';
  return found;
}

const wanted = (count: number): readonly number[] => Array.from({ length: count }, (_unused, place) => 2 * place);

/** A loop whose turn is over at every look, or at none. */
function loopOf(isTurnOver: boolean) {
  const seen = { turns: 0 };
  return {
    seen,
    isTurnOver: () => isTurnOver,
    inLaterTurn: (callback: () => void) => {
      seen.turns += 1;
      queueMicrotask(callback);
    },
  };
}

it('does with each item in turn what it is told, in pieces or at once', async () => {
  for (const count of [0, 1, 127, 128, 129, 5_000]) {
    expect(atOnce(doubled(count))).toEqual(wanted(count));
    expect(await inTurns(loopOf(true), doubled(count))).toEqual(wanted(count));
  }
});

it('waits for a later turn where the turn is over, and after a large piece in any case', async () => {
  const [over, open] = [loopOf(true), loopOf(false)];
  await inTurns(over, doubled(5_000));
  await inTurns(open, doubled(5_000));
  expect([over.seen.turns, open.seen.turns]).toEqual([40, 1]);
});

it('passes on what is thrown in a piece', async () => {
  function* broken(): Generator<Piece, void> {
    yield undefined;
    throw new Error('broken');
  }
  expect(() => atOnce(broken())).toThrow('broken');
  await expect(inTurns(loopOf(true), broken())).rejects.toThrow('broken');
});

it('makes something of each item, and keeps their order', () => {
  for (const count of [0, 1, 127, 128, 129, 5_000]) {
    const items = Array.from({ length: count }, (_unused, place) => place);
    expect(atOnce(mapInPieces(items, (item, place) => `${item} ${place}`))).toEqual(
      items.map((item) => `${item} ${item}`),
    );
  }
});

it('sorts as a list sorts, those that are alike in their order', () => {
  for (const count of [0, 1, 2, 511, 512, 513, 1_024, 3_000]) {
    const items = Array.from({ length: count }, (_unused, place) => ({ key: (place * 7_919) % 97, place }));
    const compare = (left: { key: number }, right: { key: number }): number => left.key - right.key;
    expect(atOnce(sortInPieces(items, compare))).toEqual([...items].sort(compare));
  }
});

it('does what fits into the turn before it returns, and the rest later', async () => {
  const [over, open] = [loopOf(true), loopOf(false)];
  function* small(): Generator<undefined, string> {
    yield;
    return 'done';
  }
  expect(inThisTurnOrLater(open, small())).toBe('done');
  expect(await inThisTurnOrLater(over, small())).toBe('done');
  expect([over.seen.turns, open.seen.turns]).toEqual([1, 0]);
});
