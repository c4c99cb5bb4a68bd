// Tasks in every state that a step can be interrupted in.
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun, Life } from './run.ts';

const busyMarks = [
  'commit 1',
  'effect 2.0#1 done all',
  'outcome 2.0#1 done',
  'event 2.1#1 half 0',
  'effect 2.1#1 first half',
  'event 2.1#1 side half 0',
  'effect 2.1#1 left half',
  'effect 2.2#1 try attempt 1',
  'outcome 2.2#1 failed',
  'effect 2.3#1 quick attempt 1',
  'outcome 2.3#1 timeout',
  'effect 2.3#2 quick attempt 2',
  'outcome 2.3#2 done',
  'effect 2.4#1 prepare open',
  'begin 2.4#1 open once',
  'outcome 2.5#1 failed',
];
const busyLife: Life = {
  act: begin({}),
  silent: ['right half', 'open once'],
  // The `begin` entry that `open` writes after this also flushes what the other tasks have done.
  late: { 'prepare open': ['outcome 2.3#1 timeout'] },
};
const busyFinish: Finish = {
  acts: [resume()],
  status: 'done',
  state: {
    log: [
      'done of all',
      'first of half',
      'left of half',
      'right of half',
      'try of attempt 2',
      'quick of attempt 2',
      'prepare of open',
      'open of once',
      'finish of both',
      'broken RangeError always',
      '10 before',
    ],
  },
  twin: 'whole-busy',
  afterWorker: 'done',
};

export const busyRuns: readonly FormatRun[] = [
  { runId: 'whole-busy', graph: 'busy', lives: [{ act: begin({}) }], left: 'done' },
  {
    runId: 'killed-mid-step',
    graph: 'busy',
    lives: [{ ...busyLife, exit: kill(...busyMarks) }],
    left: 'running',
    finish: busyFinish,
  },
  {
    runId: 'closed-mid-step',
    graph: 'busy',
    lives: [{ ...busyLife, exit: { by: 'close', at: [...busyMarks].sort() } }],
    left: 'interrupted',
    finish: busyFinish,
  },
];
