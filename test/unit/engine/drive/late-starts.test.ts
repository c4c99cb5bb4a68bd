// What the end of a turn keeps from its start has its place in the order of the step, however few tasks still run by then.
import { expect, it } from 'vitest';
import { fields, graph, input, memoryStore } from '../../../../src/index.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import type { AnyGraph } from '../../../../src/graph/built-graph.ts';
import { ManualClock, nextTurn } from '../../../support/manual-clock.ts';
import { testEngine } from '../../../support/test-engine.ts';

/** Tasks start in pieces of so many. */
const piece = 128;

it.each([0, piece - 1])('a task that starts in a later turn comes after the end of task %s', async (slow) => {
  const held: (() => void)[] = [];
  const answer = Promise.withResolvers<void>();
  let isTurnOver = false;
  const wide = graph('wide', { state: fields({}), inputs: { work: input<number>() } })
    .node('split', (_state, { send }) => ({
      route: Array.from({ length: piece + 2 }, (_unused, id) => send('work', id)),
    }))
    .node('work', (_state, { input: id }) => {
      if (id === piece - 1) isTurnOver = true;
      return id === slow ? answer.promise : undefined;
    })
    .start('split')
    .build() as unknown as AnyGraph;
  const store = memoryStore();
  const turns = { isTurnOver: () => isTurnOver, inLaterTurn: (callback: () => void) => held.push(callback) };
  const engine = testEngine(wide, { store, clock: new ManualClock(), turns }, { maxConcurrent: 1_000 });
  const run = engine.run({}, { runId: 'run' });
  while (held.length === 0) await nextTurn();
  // It ends before the others are begun.
  answer.resolve();
  await nextTurn();
  isTurnOver = false;
  for (const callback of held) callback();
  expect(await run).toMatchObject({ status: 'done' });
  const places = new Map<string, readonly number[]>();
  for await (const entry of store.read('run') as AsyncIterable<Entry>) {
    if (entry.kind !== 'outcome' || entry.observed.order === undefined) continue;
    places.set(entry.at, [entry.observed.order.started, entry.observed.order.ended]);
  }
  const [, ended = Number.NaN] = places.get(`2.${slow}#1`) ?? [];
  expect(places.get(`2.${piece}#1`)).toEqual([ended + 1, ended + 2]);
  expect(places.get(`2.${piece + 1}#1`)).toEqual([ended + 3, ended + 4]);
  await engine.close();
});
