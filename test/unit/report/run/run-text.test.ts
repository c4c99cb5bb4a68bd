import { describe, expect, it } from 'vitest';
import type { BeginEntry, Entry } from '../../../../src/journal/entry.ts';
import type { AttemptKey, TaskKey } from '../../../../src/journal/key.ts';
import { PageRunBuilder, RunTeller, effectAddresses, placeOfError, sleepText } from '../../../../src/report/index.ts';
import { commitEntry, effectEntry, endEntry, httpEffect, outcomeEntry, runEntry } from '../../../support/journals.ts';

const question = {
  type: 'ask',
  name: 'approve the refund',
  request: 'Pay it back?',
  occurrence: 0,
} as const;
const asked: BeginEntry = {
  kind: 'begin',
  at: '1.0#1' as AttemptKey,
  node: 'ask',
  ...question,
  observed: { time: 1 },
};

const step: readonly Entry[] = [
  effectEntry('1.0#1', { name: 'charge', request: { euros: 5 } }),
  effectEntry('1.0#1', { name: 'charge', request: { euros: 7 } }),
  effectEntry('1.0#1', { name: 'charge', request: { euros: 7 }, occurrence: 1 }),
  effectEntry('1.0#1', { name: 'mail\u001b[2J', request: undefined, label: 'again' }),
  effectEntry('1.0#1', { type: 'sleep', name: '', request: 20, outcome: { kind: 'value', value: undefined } }),
  effectEntry('1.0#1', {
    ...question,
    outcome: { kind: 'error', error: new Error('nobody is there') },
  }),
  httpEffect('1.1#1', 'hello', { name: 'http' }),
  httpEffect('1.1#1', '', { name: 'http', occurrence: 1, outcome: { kind: 'value', value: { ended: 'open' } } }),
  asked,
  { ...asked, at: '1.1#1' as AttemptKey, type: 'receive', name: 'paid', request: 'paid' },
  outcomeEntry('1.0#1', { node: 'ask', result: { status: 'done' } }),
  commitEntry('1', { frontier: [{ node: 'answer' }] }),
];

describe('the text of a step', () => {
  it('names each effect by its address, an exchange by method and path as well', () => {
    const teller = new RunTeller();
    teller.tell([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }, { node: 'answer' }] })], 'short');
    const lines = teller.tell(step, 'short').filter((line) => line.startsWith('  1.') && !line.startsWith('  1.0#1 '));
    expect(lines).toEqual([
      '  1.0#1:call:charge~9049806 {"euros":5} → "sunny"',
      '  1.0#1:call:charge~380b04b {"euros":7} → "sunny"',
      '  1.0#1:call:charge~380b04b:1 {"euros":7} → "sunny"',
      '  1.0#1:call:"mail\\u001b[2J"@again → "sunny"',
      '  1.0#1:sleep: 20 ms',
      '  1.0#1:ask:"approve the refund" failed: Error: nobody is there',
      '  1.1#1:http:http POST /v1/chat → 200, 5 characters, undefined',
      '  1.1#1:http:http:1 POST /v1/chat → no answer yet',
      '  1.0#1:ask:"approve the refund" asks "Pay it back?"',
      '  1.1#1:receive:paid waits for this signal',
    ]);
  });
});

it('says in words what is asked about an effect in doubt', () => {
  const teller = new RunTeller();
  teller.tell([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }] })], 'short');
  const request = {
    effect: '["call","charge","36a2ac66"]',
    message: 'Did "charge" happen?',
    occurrence: 0,
    request: { euros: 5 },
  };
  const [line] = teller.tell([{ ...asked, name: 'doubt', request }], 'short').slice(2);
  expect(line).toBe('  1.0#1:ask:doubt asks Did "charge" happen? Its request: {"euros":5}');
});

/** Three exchanges in canonical order, asked for in another. */
function exchanges(observed: (place: number) => object): readonly Entry[] {
  return ['first', 'second', 'third'].map((name, place) => {
    const status = place === 1 ? 429 : 200;
    const effect = httpEffect('1.0#1', '', { name, outcome: { kind: 'value', value: { status, ended: 'complete' } } });
    return { ...effect, observed: { ...effect.observed, ...observed(place) } } as Entry;
  });
}

const [third, first, second] = [2, 0, 1];

describe('the effects of an attempt', () => {
  const asOf = (entries: readonly Entry[]): readonly string[] => {
    const teller = new RunTeller();
    teller.tell([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }] })], 'short');
    const page = new PageRunBuilder();
    page.add([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }] })]);
    const all = [...entries, outcomeEntry('1.0#1', { node: 'ask', result: { status: 'done' } }), commitEntry('1')];
    page.add(all);
    const told = teller.tell(all, 'short').flatMap((line) => /:http:(\w+)/.exec(line)?.[1] ?? []);
    const [attempt] = page.run('run-1').tasks[0]?.attempts ?? [];
    expect(attempt?.effects.map(({ address }) => address.split(':')[2])).toEqual(told);
    return told;
  };

  it('are told in the order in which they were asked for, where it was observed', () => {
    const order = (place: number): object => ({ order: { asked: [third, first, second][place], given: 9 } });
    expect(asOf(exchanges((place) => ({ began: 5, ended: 9, ...order(place) })))).toEqual(['second', 'third', 'first']);
    expect(asOf(exchanges((place) => ({ began: [30, 10, 20][place], ended: 40 })))).toEqual([
      'second',
      'third',
      'first',
    ]);
    expect(asOf(exchanges(() => ({ began: 0, ended: 0 })))).toEqual(['first', 'second', 'third']);
  });

  it('are not all good on a page: it has the status of each answer', () => {
    const page = new PageRunBuilder();
    page.add([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }] })]);
    page.add(exchanges(() => ({})));
    const [attempt] = page.run('run-1').tasks[0]?.attempts ?? [];
    expect(attempt?.effects.map(({ status }) => status)).toEqual([200, 429, 200]);
  });
});

it('an effect that was not kept is not told as one without a result', () => {
  const dropped = { request: null, outcome: { kind: 'value', value: null } } as const;
  const observed = { began: 1, ended: 2, dropped: true } as const;
  const teller = new RunTeller();
  teller.tell([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }] })], 'short');
  const lines = teller.tell(
    [
      effectEntry('1.0#1', { name: 'charge', ...dropped, observed }),
      httpEffect('1.0#1', '', { name: 'http', ...dropped, observed }),
      commitEntry('1', { frontier: [] }),
    ],
    'short',
  );
  expect(lines.filter((line) => line.includes('#1:'))).toEqual([
    '  1.0#1:call:charge (not kept: the run is not recorded)',
    '  1.0#1:http:http (not kept: the run is not recorded)',
  ]);
});

it('a run that sleeps says until when, and one that is due since when', () => {
  expect(sleepText('run-1', 86_400_000, 0)).toBe('run-1  waits until 1970-01-02 00:00:00 UTC\n');
  expect(sleepText('run-1', 0, 86_400_000)).toBe(
    'run-1  waits for a worker that can drive it, since 1970-01-01 00:00:00 UTC\n',
  );
});

describe('a failure', () => {
  const stacks = [
    'at JSON.parse (<anonymous>)\nat load (src/load.ts:3:4)\nat get (node_modules/client/get.js:5:6)',
    'at async connect (src/connect.ts:7:8)\nat Socket.emit (node:events:9:1)',
  ];
  const error = new TypeError('no data', { cause: new Error('no line') });
  const told = (entries: readonly Entry[]): readonly string[] => {
    const teller = new RunTeller();
    teller.tell([runEntry('run-1'), commitEntry('0', { frontier: [{ node: 'ask' }] })], 'short');
    return teller.tell(entries, 'short').filter((line) => line.trim() !== '');
  };

  it('is followed by the frames of the user, once', () => {
    const observed = { began: 1, ended: 2, stacks };
    const entries = [
      effectEntry('1.0#1', { outcome: { kind: 'error', error }, observed }),
      outcomeEntry('1.0#1', { node: 'ask', result: { status: 'failed', error }, observed }),
      endEntry({ end: { status: 'failed', error, task: '1.0' as TaskKey }, observed: { time: 3, stacks } }),
    ];
    expect(told(entries).slice(1)).toEqual([
      '  1.0#1:call:search failed: TypeError: no data',
      '      at load (src/load.ts:3:4)',
      '      caused by Error: no line',
      '      at async connect (src/connect.ts:7:8)',
      '  1.0#1  ask failed: TypeError: no data',
      'failed in task 1.0: TypeError: no data',
    ]);
  });
});

it('the place of an error is the first frame of the user, whatever its message looks like', () => {
  const error = new TypeError('no\n    at fake (src/fake.ts:1:1)');
  error.stack = `TypeError: ${error.message}\n    at JSON.parse (<anonymous>)\n    at async load (src/load.ts:3:4)`;
  expect(placeOfError(error)).toBe('async load (src/load.ts:3:4)');
  error.stack = 'TypeError: no';
  expect(placeOfError(error)).toBeUndefined();
});

describe('the addresses of a step', () => {
  it('are those of its effects and of their beginnings, by attempt', () => {
    expect([...effectAddresses(step).values()].filter((address) => !address.includes('charge'))).toEqual([
      '1.0#1:call:"mail\\u001b[2J"@again',
      '1.0#1:sleep:',
      '1.0#1:ask:"approve the refund"',
      '1.0#1:ask:"approve the refund"',
      '1.1#1:http:http',
      '1.1#1:http:http:1',
      '1.1#1:receive:paid',
    ]);
  });
});
