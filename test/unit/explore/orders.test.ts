// Traces are made here by a small model of runs: tasks beside each other, each of chains beside each other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepCoverage } from '../../../src/explore/order/coverage.ts';
import { EventNames } from '../../../src/explore/order/event-names.ts';
import { EventOrder } from '../../../src/explore/order/event-order.ts';
import { ReadyEvent, ReadyEvents } from '../../../src/explore/order/ready-events.ts';
import { holdsOf } from '../../../src/explore/schedule/shrink.ts';
import { EveryOrder } from '../../../src/explore/strategy/every-order.ts';
import { lastInFirstOut, leftToRight, rightToLeft } from '../../../src/explore/strategy/families.ts';
import { heldStrategy } from '../../../src/explore/strategy/held.ts';
import { searchStrategy } from '../../../src/explore/strategy/random.ts';
import type { Strategy } from '../../../src/explore/strategy/strategy.ts';
import type { Trace, TraceItem } from '../../../src/explore/order/trace.ts';

/** For each task, the lengths of its chains. */
type Shape = readonly (readonly number[])[];

function run(shape: Shape, strategy: Strategy, names: EventNames): Trace {
  const ready = new ReadyEvents();
  const trace: TraceItem[] = [];
  let arrived = 0;
  const add = (task: number, chain: number, place: number): void => {
    if (place >= (shape[task]?.[chain] ?? 0)) return;
    const event = names.of({ kind: 'chunk', at: `1.${task}#1`, place: `${chain}-${place}` });
    arrived += 1;
    ready.add(new ReadyEvent(event, { since: trace.length, arrived }, () => add(task, chain, place + 1)));
  };
  for (const [task, chains] of shape.entries()) for (const chain of chains.keys()) add(task, chain, 0);
  while (!ready.isEmpty) {
    const { eligible } = ready;
    const next = eligible[eligible.length === 1 ? 0 : strategy.pick(eligible, trace)] as ReadyEvent;
    ready.remove(next);
    trace.push(next);
    next.deliver(trace.length - 1);
  }
  return trace;
}

const keysOf = (trace: Trace): readonly string[] => trace.map(({ event }) => event.key);

function everyTrace(shape: Shape, names: EventNames): readonly Trace[] {
  const every = new EveryOrder();
  const traces: Trace[] = [];
  for (let order = every.next; order !== undefined; order = every.next) {
    traces.push(run(shape, order, names));
    every.ran(order);
  }
  return traces;
}

const shape = fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }), {
  minLength: 1,
  maxLength: 4,
});
const smallShape = shape.filter((tasks) => tasks.flat().reduce((sum, length) => sum + length, 0) <= 6);

function orderSeen(traces: readonly Trace[]): { readonly order: EventOrder; readonly coverage: StepCoverage } {
  const order = new EventOrder(traces[0] as Trace);
  const coverage = new StepCoverage(order);
  coverage.countTriples();
  for (const trace of traces) {
    order.add(trace);
    coverage.add(trace);
  }
  return { order, coverage };
}

describe('every order', () => {
  it('comes once, and none is left out', () => {
    fc.assert(
      fc.property(smallShape, (given) => {
        const names = new EventNames();
        const texts = everyTrace(given, names).map((trace) => keysOf(trace).join());
        expect(new Set(texts).size).toBe(texts.length);
        const lengths = given.flat();
        const factorial = (number: number): number => (number <= 1 ? 1 : number * factorial(number - 1));
        const total = lengths.reduce((sum, length) => sum + length, 0);
        // Chains beside each other may be shuffled in every way.
        expect(texts.length).toBe(
          factorial(total) / lengths.reduce((product, length) => product * factorial(length), 1),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe('what the run allows', () => {
  it('is exactly what comes in some order, once three families have run', () => {
    fc.assert(
      fc.property(smallShape, (given) => {
        const names = new EventNames();
        const families = [leftToRight(), rightToLeft(), lastInFirstOut()].map((strategy) =>
          run(given, strategy, names),
        );
        const all = everyTrace(given, names);
        const { coverage } = orderSeen([...families, ...all]);
        expect(coverage.pairs.seen).toBe(coverage.pairs.of);
        expect(coverage.triples.seen).toBe(coverage.triples.of);
        expect(coverage.unseenTriple).toBeUndefined();
        // Nothing more is allowed than the families alone show.
        const few = orderSeen(families).coverage;
        expect(few.pairs.of).toBe(coverage.pairs.of);
        expect(few.triples.of).toBe(coverage.triples.of);
      }),
      { numRuns: 60 },
    );
  });

  it('shows every two events both ways in three orders', () => {
    fc.assert(
      fc.property(shape, (given) => {
        const names = new EventNames();
        const { coverage } = orderSeen(
          [leftToRight(), rightToLeft(), lastInFirstOut()].map((one) => run(given, one, names)),
        );
        expect(coverage.pairs.seen).toBe(coverage.pairs.of);
      }),
    );
  });
});

/** The triples of a run, as the places of their events in the first one. */
function triplesIn(trace: Trace, order: EventOrder): readonly string[] {
  const places = trace.map(({ event }) => order.placeOf(event) as number);
  return places.flatMap((first, at) =>
    places
      .slice(at + 1)
      .flatMap((second, more) => places.slice(at + more + 2).map((third) => `${first} ${second} ${third}`)),
  );
}

describe('the count of triples', () => {
  it('is that of the orders that came, in however many runs', () => {
    fc.assert(
      fc.property(smallShape, fc.constantFrom(1, 5, 255, 256, 300), (given, count) => {
        const names = new EventNames();
        const traces = Array.from({ length: count }, (_, index) => run(given, searchStrategy('seed', index, 6), names));
        const { order, coverage } = orderSeen(traces);
        const came = new Set(traces.flatMap((trace) => triplesIn(trace, order)));
        const allowed = [...came].filter((triple) => {
          const [first, second, third] = triple.split(' ').map(Number) as [number, number, number];
          return !order.isBefore(second, first) && !order.isBefore(third, first) && !order.isBefore(third, second);
        });
        expect(coverage.triples.seen).toBe(allowed.length);
        expect(coverage.unseenTriple === undefined).toBe(coverage.triples.seen === coverage.triples.of);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the holds of an order', () => {
  it('make the same order of first in, first out', () => {
    fc.assert(
      fc.property(shape, fc.nat({ max: 1_000 }), (given, index) => {
        const names = new EventNames();
        const trace = run(given, searchStrategy('seed', index, 20), names);
        expect(keysOf(run(given, heldStrategy(holdsOf({ trace, givenUp: [] })), names))).toEqual(keysOf(trace));
      }),
    );
  });
});

describe('an order that was asked for', () => {
  it('comes, whatever is drawn besides', () => {
    fc.assert(
      fc.property(shape, fc.nat({ max: 1_000 }), (given, index) => {
        const names = new EventNames();
        const { coverage } = orderSeen([run(given, leftToRight(), names)]);
        const wanted = coverage.unseenTriple ?? coverage.unseenPair;
        if (wanted === undefined) return;
        const holds = wanted.slice(1).map(({ key }, place) => ({ event: key, until: wanted[place]?.key as string }));
        const keys = keysOf(run(given, heldStrategy(holds, searchStrategy('seed', index, 20)), names));
        const places = wanted.map(({ key }) => keys.indexOf(key));
        expect(places).toEqual([...places].sort((left, right) => left - right));
      }),
    );
  });
});
