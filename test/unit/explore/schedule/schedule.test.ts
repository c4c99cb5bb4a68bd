import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalKey } from '../../../../src/explore/order/arrival-key.ts';
import { faultKinds } from '../../../../src/explore/fault/fault-kinds.ts';
import type { FaultName } from '../../../../src/explore/fault/fault-kinds.ts';
import { parseSchedule, scheduleText } from '../../../../src/explore/schedule/schedule.ts';
import type { Death, Fault, Hold } from '../../../../src/explore/schedule/schedule.ts';
import { eventText } from '../../../../src/report/text/event-text.ts';

const at = fc.constantFrom('2.0#1', '2.13#2', '3.0#1/2.1#1', '4.0#1!0');
const effect = fc.record({
  type: fc.constantFrom('call' as const, 'http' as const, 'ask' as const),
  name: fc.string(),
  request: fc.constantFrom('x', 'y'),
  label: fc.option(fc.string(), { nil: undefined }),
  task: fc.option(fc.constantFrom('left', 'a b#1'), { nil: undefined }),
  occurrence: fc.nat({ max: 3 }),
});
const key = fc.oneof(
  fc
    .tuple(at, fc.constantFrom('start' as const, 'retry' as const, 'timeout' as const))
    .map(([of, kind]) => arrivalKey({ kind, at: of })),
  fc.tuple(at, fc.nat()).map(([of, place]) => arrivalKey({ kind: 'chunk', at: of, place })),
  fc
    .tuple(at, effect, fc.constantFrom('effect' as const, 'request' as const, 'part' as const))
    .map(([of, { label, task, ...ref }, kind]) =>
      arrivalKey({
        kind,
        at: of,
        effect: { ...ref, ...(label === undefined ? {} : { label }), ...(task === undefined ? {} : { task }) },
        ...(kind === 'part' ? { place: 3 } : {}),
      }),
    ),
);
const holds: fc.Arbitrary<readonly Hold[]> = fc.array(fc.record({ event: key, until: key }), { maxLength: 5 });

const deaths: fc.Arbitrary<readonly Death[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
      write: fc.integer({ min: 1, max: 999_999_999 }),
    }),
    fc.record({ kind: fc.constant('request' as const), event: key }),
  ),
  { maxLength: 3 },
);

const fault: fc.Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...(Object.keys(faultKinds) as FaultName[])), key, fc.nat({ max: 999_999_999 }), fc.nat())
  .map(([kind, event, number, place]) => {
    const { more } = faultKinds[kind];
    if (more === undefined) return { kind, event };
    return { kind, event, more: more === 'number' ? number : (more[place % more.length] as string) };
  });
const faults = fc.array(fault, { maxLength: 3 });

describe('a schedule', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(holds, deaths, faults, (given, dying, failing) => {
        const schedule = { base: 'fifo', holds: given, deaths: dying, faults: failing } as const;
        expect(parseSchedule(scheduleText(schedule))).toEqual(schedule);
        const recorded = { base: 'recorded', holds: given, deaths: [], faults: [] } as const;
        expect(parseSchedule(scheduleText(recorded))).toEqual(recorded);
      }),
    );
  });

  it('is one line that a terminal shows as it is', () => {
    fc.assert(
      fc.property(holds, deaths, faults, (given, dying, failing) => {
        expect(scheduleText({ base: 'fifo', holds: given, deaths: dying, faults: failing })).toMatch(/^[^\p{Cc}]*$/u);
      }),
    );
  });

  it.each([
    '',
    'lifo',
    'fifo hold',
    'fifo hold(a)',
    'fifo hold(a until b',
    'fifo hold(a until b) more',
    'fifohold(a until b)',
    'fifo die(after write 0)',
    'fifo die(at write 1)',
    'fifo die(request)',
    'recorded die(after write 1)',
    'recordedfifo',
    'fifo fault(a)',
    'fifo fault(a later)',
    'fifo fault(a constructor)',
    'fifo fault(a error 5)',
    'fifo fault(a slow)',
    'fifo fault(a slow soon)',
    'fifo fault(a slow 05)',
    'fifo fault(a malformed)',
    'fifo fault(a malformed else)',
  ])('is not: %s', (text) => {
    expect(() => parseSchedule(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

it('has words for each event', () => {
  const { ref } = { ref: { type: 'call', name: 'model', request: 'x', occurrence: 0 } } as const;
  const words = (given: Parameters<typeof arrivalKey>[0]): string => eventText(arrivalKey(given), 'work');
  expect(words({ kind: 'start', at: '2.0#1' })).toBe('the start of "work" (2.0#1)');
  expect(words({ kind: 'effect', at: '2.0#1', effect: ref })).toBe('the answer to "model" of "work" (2.0#1)');
  expect(words({ kind: 'request', at: '2.0#1', effect: ref })).toBe('the request "model" of "work" (2.0#1)');
  expect(words({ kind: 'part', at: '2.0#1', effect: { ...ref, type: 'http', name: 'http' }, place: 2 })).toBe(
    'part 3 of the answer to HTTP of "work" (2.0#1)',
  );
  expect(words({ kind: 'chunk', at: '2.0#1', place: 0 })).toBe('chunk 1 of "work" (2.0#1)');
  expect(words({ kind: 'timer', at: '2.0#1', place: '250:0:0' })).toBe('a timer of 250 ms of "work" (2.0#1)');
  expect(eventText(arrivalKey({ kind: 'sleep', at: '2.0#1', effect: { ...ref, type: 'sleep' } }), '')).toBe(
    'the end of the sleep "model" of 2.0#1',
  );
});
