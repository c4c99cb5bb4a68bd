// Runs that stopped inside a subgraph.
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun } from './run.ts';

/** Marks of one attempt of the outer subgraph, up to the second step of the innermost run. */
const marksOf = (attempt: number): readonly string[] => {
  const middle = `1.0#${attempt}`;
  const deep = `${middle}/2.0#1`;
  return [
    `commit ${middle}/0`,
    `effect ${middle}/1.0#1 enter middle`,
    `outcome ${middle}/1.0#1 done`,
    `commit ${middle}/1`,
    `commit ${deep}/0`,
    `effect ${deep}/1.0#1 dig depth 0`,
    `outcome ${deep}/1.0#1 done`,
    `commit ${deep}/1`,
    `effect ${deep}/2.0#1 dig depth 1`,
  ];
};
const dugMarks = (attempt: number): readonly string[] => {
  const deep = `1.0#${attempt}/2.0#1`;
  return [...marksOf(attempt), `outcome ${deep}/2.0#1 done`, `commit ${deep}/2`];
};
const failedMarks = [
  ...marksOf(1),
  'outcome 1.0#1/2.0#1/2.0#1 failed',
  'outcome 1.0#1/2.0#1 failed',
  'outcome 1.0#1 failed',
];

const nestedLog = (mode: string, answer?: string): readonly string[] => {
  const dug = ['dig of depth 0', 'dig of depth 1', ...(answer === undefined ? [] : [answer]), 'dig of depth 2'];
  return [mode, mode, 'enter of middle', mode, ...dug];
};
const nestedFinish = (mode: string): Finish => ({
  acts: [resume()],
  status: 'done',
  state: { log: nestedLog(mode) },
  twin: `whole-nested-${mode}`,
});

export const nestedRuns: readonly FormatRun[] = [
  { runId: 'whole-nested-dig', graph: 'nested', lives: [{ act: begin({ log: ['dig'] }) }], left: 'done' },
  {
    runId: 'killed-in-a-subgraph',
    graph: 'nested',
    lives: [{ act: begin({ log: ['dig'] }), silent: ['dig depth 2'], exit: kill('commit 0', ...dugMarks(1)) }],
    left: 'running',
    finish: { ...nestedFinish('dig'), afterWorker: 'done' },
  },
  {
    runId: 'whole-nested-retry',
    graph: 'nested',
    lives: [{ act: begin({ log: ['retry'] }) }],
    left: 'done',
  },
  {
    runId: 'killed-in-a-retried-subgraph',
    graph: 'nested',
    lives: [
      {
        act: begin({ log: ['retry'] }),
        silent: ['dig depth 2'],
        exit: kill('commit 0', ...failedMarks, ...dugMarks(2)),
      },
    ],
    left: 'running',
    finish: { ...nestedFinish('retry'), afterWorker: 'done' },
  },
  {
    runId: 'whole-nested-ask',
    graph: 'nested',
    lives: [{ act: begin({ log: ['ask'] }) }, { act: resume({ answer: 'a little' }) }],
    left: 'done',
  },
  {
    runId: 'asked-in-a-subgraph',
    graph: 'nested',
    lives: [{ act: begin({ log: ['ask'] }) }],
    left: 'paused',
    finish: {
      ...nestedFinish('ask'),
      acts: [resume({ answers: { '1.0#1/2.0#1/2.0:question': 'a little' } })],
      state: { log: nestedLog('ask', 'a little') },
    },
  },
  {
    runId: 'failed-in-a-subgraph',
    graph: 'nested',
    lives: [{ act: begin({ log: ['fail'] }) }],
    left: 'failed',
    finish: {
      acts: [resume()],
      status: 'done',
      state: { log: nestedLog('fail') },
      calls: ['dig depth 0', 'dig depth 1', 'dig depth 2', 'enter middle'],
    },
  },
];
