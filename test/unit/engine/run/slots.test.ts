import { expect, it } from 'vitest';
import { Slots } from '../../../../src/engine/run/slots.ts';
import type { FunctionNode } from '../../../../src/graph/spec.ts';
import { GivenTurns } from '../../../support/given-turns.ts';

function nodeOf(name: string, maxConcurrent?: number): FunctionNode {
  return { kind: 'function', name, policy: maxConcurrent === undefined ? {} : { maxConcurrent }, run: () => undefined };
}

/** Asks for slots by name, and keeps who has started. */
class Asked {
  readonly started: string[] = [];
  readonly turns = new GivenTurns();
  readonly slots: Slots;

  constructor(runMax: number, followsOrder = false) {
    this.slots = new Slots(runMax, this.turns, followsOrder);
  }

  take(node: FunctionNode, name: string, then?: () => void): () => void {
    return this.slots.take({
      node,
      start: () => {
        this.started.push(name);
        then?.();
      },
    });
  }
}

const free = nodeOf('free');
const single = nodeOf('single', 1);

it('starts at once while there is room', () => {
  const asked = new Asked(2);
  asked.take(free, 'a');
  asked.take(free, 'b');
  asked.take(free, 'c');
  expect(asked.started).toEqual(['a', 'b']);
});

it('serves those who wait in the order in which they asked', () => {
  const asked = new Asked(1);
  for (const name of ['a', 'b', 'c', 'd']) asked.take(free, name);
  asked.slots.give(free);
  asked.slots.give(free);
  expect(asked.started).toEqual(['a', 'b', 'c']);
});

it('keeps to the limit of a node, and lets other nodes pass', () => {
  const asked = new Asked(8);
  asked.take(single, 'first');
  asked.take(single, 'second');
  asked.take(free, 'other');
  expect(asked.started).toEqual(['first', 'other']);
  asked.slots.give(single);
  expect(asked.started).toEqual(['first', 'other', 'second']);
});

it('keeps the limit of the run over all nodes', () => {
  const asked = new Asked(1);
  asked.take(single, 'first');
  asked.take(free, 'other');
  asked.take(single, 'second');
  expect(asked.started).toEqual(['first']);
  asked.slots.give(single);
  expect(asked.started).toEqual(['first', 'other']);
  asked.slots.give(free);
  expect(asked.started).toEqual(['first', 'other', 'second']);
});

it('tells apart nodes of one name, such as those of two subgraphs', () => {
  const asked = new Asked(8);
  asked.take(nodeOf('same', 1), 'first');
  asked.take(nodeOf('same', 1), 'second');
  expect(asked.started).toEqual(['first', 'second']);
});

it('skips a task that gave up, and holds no slot for it', () => {
  const asked = new Asked(1);
  asked.take(free, 'a');
  const giveUp = asked.take(free, 'b');
  asked.take(free, 'c');
  giveUp();
  asked.slots.give(free);
  expect(asked.started).toEqual(['a', 'c']);
});

it('ignores a task that gives up after it has started', () => {
  const asked = new Asked(1);
  const giveUp = asked.take(free, 'a');
  asked.take(free, 'b');
  giveUp();
  expect(asked.started).toEqual(['a']);
  asked.slots.give(free);
  expect(asked.started).toEqual(['a', 'b']);
});

it('serves ten thousand tasks that end at once without going deeper with each', () => {
  const asked = new Asked(1);
  asked.take(free, 'first');
  for (let index = 0; index < 10_000; index += 1) asked.take(free, String(index), () => asked.slots.give(free));
  asked.slots.give(free);
  expect(asked.started).toHaveLength(10_001);
  asked.take(free, 'last');
  expect(asked.started.at(-1)).toBe('last');
});

it('lets a task that asks while others are served wait for its turn', () => {
  const asked = new Asked(1);
  asked.take(free, 'a');
  asked.take(free, 'b', () => {
    asked.slots.give(free);
    asked.take(free, 'd');
  });
  asked.take(free, 'c');
  asked.slots.give(free);
  expect(asked.started).toEqual(['a', 'b', 'c']);
});

it('starts nothing while the turn of the run is over, and all of it in order afterwards', () => {
  const asked = new Asked(3);
  asked.take(free, 'a');
  asked.turns.isOver = true;
  asked.take(free, 'b');
  const giveUp = asked.take(free, 'c');
  asked.turns.isOver = false;
  asked.take(free, 'd');
  expect(asked.started).toEqual(['a']);
  giveUp();
  asked.turns.next();
  expect(asked.started).toEqual(['a', 'b', 'd']);
});

it('ends a turn between two that wait, and starts at least one in each turn', () => {
  const asked = new Asked(2);
  asked.take(free, 'a');
  asked.take(free, 'b');
  asked.take(free, 'c');
  asked.take(free, 'd');
  asked.turns.isOver = true;
  asked.slots.give(free);
  asked.slots.give(free);
  expect(asked.started).toEqual(['a', 'b']);
  asked.turns.next();
  expect(asked.started).toEqual(['a', 'b', 'c']);
  asked.turns.next();
  expect(asked.started).toEqual(['a', 'b', 'c', 'd']);
});

it('starts at once in a replay, which has to begin in one turn what began in one, and has no limits of nodes', () => {
  const asked = new Asked(8, true);
  asked.turns.isOver = true;
  for (const name of ['a', 'b', 'c']) asked.take(single, name);
  expect(asked.started).toEqual(['a', 'b', 'c']);
});
