import { expect, it } from 'vitest';
import type { ExploreFacts } from '../../../../src/report/explore/explore-facts.ts';
import { findingLines, findingText } from '../../../../src/report/explore/finding-text.ts';
import { plainPalette } from '../../../../src/report/text/palette.ts';
import { exploreText } from '../../../../src/report/explore/explore-text.ts';

const facts: ExploreFacts = {
  version: 1,
  graph: 'desk',
  fixture: 'fixtures/desk-7.run.jsonl',
  seed: '0',
  verdict: 'no difference',
  run: { steps: 3, tasks: 20, events: 61, choices: 40, widest: 8 },
  rungs: [],
  variables: 'fresh',
  schedules: 100,
  uncontrolled: [],
};
const selfCheck = { name: 'self-check', runs: 2, isSame: true } as const;

it('tells what was found, when it happens, and what follows', () => {
  const text = exploreText(
    {
      ...facts,
      verdict: 'found',
      rungs: [selfCheck],
      finding: {
        kind: 'difference',
        rung: 'pairs',
        after: 1,
        schedule: 'fifo hold(2.0#1:call:model~d549d30 until 2.1#1:call:model~cdd5f71)',
        holds: [
          {
            event: '2.0#1:call:model~d549d30',
            node: 'research',
            until: '2.1#1:call:model~cdd5f71',
            untilNode: 'research',
          },
        ],
        shrunk: { from: 61, runs: 15 },
        variables: [
          {
            name: 'last',
            file: 'src/desk.ts',
            scope: 'Module',
            class: 'shared',
            writers: [
              { at: '2.0#1', node: 'research' },
              { at: '2.1#1', node: 'research' },
            ],
          },
        ],
        divergences: [
          {
            kind: 'output',
            at: '2.0#1',
            step: 2,
            node: 'research',
            path: 'delta.findings[0]',
            recorded: 'a after ',
            replayed: 'a after b',
          },
          {
            kind: 'state',
            at: '2',
            step: 2,
            path: 'state.findings[0]',
            recorded: 'a after ',
            replayed: 'a after b',
            follows: 0,
          },
        ],
      },
    },
    'npx reprise check …',
  );
  expect(text).toBe(`fixtures/desk-7.run.jsonl: 3 steps, 20 tasks, 61 events, 40 choices, at most 8 ready at once
FOUND an order that changes the output of "research" in step 2, by way of \`last\` in src/desk.ts
  when the answer to "model" of "research" (2.0#1) comes only after the answer to "model" of
    "research" (2.1#1)
  variable \`last\` in src/desk.ts is written by "research" (2.0#1), "research" (2.1#1)
  the output of "research" in step 2 (2.0#1) differs at delta.findings[0]
    was   "a after "
    is    "a after b"
  so the state after step 2 differs at state.findings[0]
  found by schedule 1, shrunk from 61 holds to 1 in 15 runs
  self-check: the same order came out alike twice
reproduce: npx reprise check …
`);
});

it('names the variables that carry an order, and says how many more there are', () => {
  const named = (...places: readonly (readonly [name: string, file: string])[]): string =>
    findingText({
      ...{ kind: 'difference', rung: 'pairs', after: 1, schedule: 'fifo', holds: [], divergences: [] },
      shrunk: { from: 1, runs: 1 },
      variables: places.map(([name, file]) => ({ name, file, scope: 'Module', class: 'shared', writers: [] })),
    }).replace(/^.*?, by way of /, '');
  expect(named(['breaker', 'a.ts'], ['client', 'a.ts'])).toBe('`breaker` and `client` in a.ts');
  expect(named(['TOKEN', ''], ['seen', 'a.ts'], ['client', 'b.ts'])).toBe(
    '`TOKEN`, `seen` in a.ts and `client` in b.ts',
  );
  expect(named(['a', 'a.ts'], ['b', 'a.ts'], ['c', 'a.ts'], ['d', 'a.ts'], ['e', 'a.ts'])).toBe(
    '`a`, `b`, `c` in a.ts and 2 more',
  );
});

it('tells what follows from an order from what follows from a request without an answer', () => {
  const missing = {
    kind: 'missing effect',
    at: '1.0#1',
    step: 1,
    node: 'ask',
    path: 'request',
    recorded: undefined,
  } as const;
  const divergences = [
    { ...missing, address: '1.0#1:call:model', replayed: 'a' },
    { ...missing, address: '1.0#1:call:tool', replayed: 'b' },
    {
      kind: 'error',
      at: '1.0#1',
      step: 1,
      node: 'ask',
      path: 'result',
      recorded: 'done',
      replayed: 'failed: no',
      follows: 0,
    },
    { kind: 'state', at: '1', step: 1, path: 'state.a', recorded: 1, replayed: 2, follows: 2 },
    { kind: 'output', at: '1.0#1', step: 1, node: 'ask', path: 'delta.a', recorded: 1, replayed: 2, follows: 1 },
  ] as const;
  const lines = findingLines(
    {
      ...{ kind: 'difference', rung: 'pairs', after: 1, schedule: 'fifo', holds: [], divergences },
      ...{ shrunk: { from: 1, runs: 0 }, unanswered: ['1.0#1:call:model'] },
    },
    plainPalette,
  );
  const text = lines.map((line) => line.trim()).join(' ');
  expect(text).toContain('requests an effect that was not recorded (1.0#1:call:model)');
  expect(text).toContain('requests an effect that it does not request first in, first out (1.0#1:call:tool)');
  expect(text).toContain('is not known: the recording holds no answer to that request so the output of "ask"');
  expect(text).not.toMatch(/failed with|state\.a/);
});

it('tells what was shown, with numbers', () => {
  const text = exploreText({
    ...facts,
    rungs: [
      selfCheck,
      { name: 'pairs', schedules: 3, seen: 2_400, of: 2_400 },
      { name: 'triples', schedules: 125, seen: 194_960, of: 194_961 },
      { name: 'all orders', orders: 12, isComplete: false },
      { name: 'search', schedules: 70, next: 70 },
    ],
  });
  expect(text.split('\n').slice(1)).toEqual([
    'no order that was tried changes anything',
    '  self-check: the same order came out alike twice',
    '  every order of any two events: 2,400 of 2,400 in 3 schedules',
    '  every order of any three events: 194,960 of 194,961 in 125 schedules',
    '  all orders: 12, not all',
    '  drawn orders: 70 schedules; it continues with --from 70',
    '',
  ]);
});

it('says of a watch only what it carries', () => {
  const counts = { runs: 2, variables: 3, files: 1, hasSeveralWaits: false, unseen: ['native code'] };
  const rungs = [{ name: 'watch', written: [], ...counts } as const];
  const claim = /so\s+no order at all can matter\. Not watched: native code/;
  expect(exploreText({ ...facts, rungs, verdict: 'proved' })).toMatch(claim);
  expect(exploreText({ ...facts, rungs, verdict: 'no difference' })).not.toMatch(/can matter/);
  const { fixture: _, ...faked } = facts;
  expect(exploreText({ ...faked, rungs })).toContain('proves nothing here');
});

it('names what became ready otherwise, where nothing that is recorded differs', () => {
  const text = (unlike: NonNullable<ExploreFacts['unlike']>) =>
    exploreText({ ...facts, verdict: 'not repeatable', divergences: [], unlike }).replaceAll(/\s+/g, ' ');
  const asked = { event: '2.0#1:call:model~d549d30', node: 'work' };
  const of = 'the answer to "model" of "work" (2.0#1)';
  expect(text({ ...asked, after: ['2.1#1:start', null] })).toContain(
    `${of} became ready the first time, and never the second time`,
  );
  expect(text({ ...asked, after: [null, ''] })).toContain(`${of} became ready the second time, and never the first`);
  expect(text({ ...asked, after: ['', '2.1#1:start'] })).toContain(
    `${of} became ready at once the first time, and after the start of 2.1#1 the second time`,
  );
  expect(text({ ...asked, after: ['', ''], instead: '2.1#1:start', insteadNode: 'work' })).toContain(
    `${of} became ready the first time where the start of "work" (2.1#1) did the second time`,
  );
});

it('says what to do about a run that is not repeatable', () => {
  const text = (more: Partial<ExploreFacts>) => exploreText({ ...facts, verdict: 'not repeatable', ...more });
  const writers = [{ at: '2.0#1', node: 'work' }];
  const written = [{ name: 'count', file: 'a.ts', scope: 'Module', class: 'shared', writers }] as const;
  const counts = { runs: 2, variables: 3, files: 1, hasSeveralWaits: false, unseen: [] };
  const watch = { name: 'watch', written, ...counts } as const;
  const warm = { ...selfCheck, isSame: false, isWarm: true } as const;
  expect(text({ rungs: [selfCheck, watch, warm] })).toContain(
    'NOT REPEATABLE: a second run in the same process comes out differently, by what the first one left',
  );
  expect(text({ rungs: [watch], variables: 'shared' })).toContain('Give `explore` a function that');
  expect(text({})).toContain('what is not recorded');
});

it('names what is uncontrolled, with its stack', () => {
  const uncontrolled = [{ at: '2.1#1', node: 'work', stack: 'at waits (src/desk.ts:3:1)' }];
  expect(
    exploreText({ ...facts, verdict: 'stuck', uncontrolled })
      .split('\n')
      .slice(1),
  ).toEqual([
    'STUCK: the run waits for something that nobody controls',
    '  uncontrolled: "work" (2.1#1) waits for something unseen',
    '    at waits (src/desk.ts:3:1)',
    '',
  ]);
});

it('never says only that a run passed', () => {
  for (const verdict of ['proved', 'no difference', 'nothing to explore'] as const)
    expect(exploreText({ ...facts, verdict })).not.toMatch(/\bpass(?:ed)?\b/i);
});

it('promises no idempotency key for an exchange: by default none is sent', () => {
  const sent = (event: string, keys: 'same' | 'different') =>
    ({ event, node: 'send', keys, idempotencyKeys: ['a'], schedule: 'fifo die(after write 1)' }) as const;
  const text = exploreText({
    ...facts,
    rungs: [
      selfCheck,
      {
        name: 'crashes',
        writes: 1,
        requests: 3,
        tried: { beforeWrites: 1, afterWrites: 1, requests: 3, twice: 0 },
        sentTwice: [
          sent('1.0#1:call:mail~d549d30', 'same'),
          { ...sent('1.0#1:http:http~d549d30', 'same'), asked: 'GET /search' },
          sent('2.0#1:http:http~d549d30', 'different'),
        ],
        inDoubt: [],
      },
    ],
  }).replaceAll(/\s+/g, ' ');
  expect(text).toContain('the request "mail" of "send" (1.0#1) can be sent twice, with one idempotency key');
  expect(text).toContain(
    'the request GET /search of "send" (1.0#1) can be sent twice, and without an idempotency key, unless its client or `idempotencyHeader` sends one',
  );
  expect(text).toContain(
    'the request HTTP of "send" (2.0#1) can be sent twice, and without an idempotency key, unless its client sends one; those of `idempotencyHeader` are DIFFERENT',
  );
});
