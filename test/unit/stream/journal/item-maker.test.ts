import { expect, it } from 'vitest';
import type { ChunkEntry, OutcomeEntry } from '../../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { ItemMaker } from '../../../../src/stream/journal/item-maker.ts';

const at = '1.0#1' as AttemptKey;

function chunks(ordinal: number, deltas: readonly string[], dropped?: number): ChunkEntry {
  const times = dropped === undefined ? deltas.map(() => 1) : [];
  const entry = { kind: 'chunk', at, node: 'write', ordinal, deltas: deltas.map((said) => ({ said })) } as const;
  return { ...entry, ...(dropped === undefined ? {} : { dropped }), observed: { times } };
}

const outcome: OutcomeEntry = {
  kind: 'outcome',
  at,
  node: 'write',
  result: { status: 'done', delta: { said: 'abcd' } },
  observed: { began: 1, ended: 2 },
};

it('gives no chunk whose like before it were dropped, but the snapshot alone', () => {
  const maker = new ItemMaker(undefined);
  const given = { shared: undefined };
  // A reader that goes back to the entries before this one finds them dropped meanwhile, and this one it has read before.
  const items = [chunks(0, [], 2), chunks(2, ['c', 'd']), outcome].flatMap((entry) => maker.itemsOf(entry, given));
  expect(items.map(({ kind }) => kind)).toEqual(['gap', 'gap', 'snapshot', 'node-done']);
  // Positions are those of the chunks.
  expect(items.slice(0, 2)).toMatchObject([{ count: 2 }, { count: 2 }]);
});
