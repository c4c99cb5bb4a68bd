// Failed runs, some of them resumed already.
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun, Life } from './run.ts';

const failedMarks = [
  'commit 1',
  'effect 2.0#1 steady rank 0',
  'outcome 2.0#1 done',
  'effect 2.1#1 shaken rank 1',
  'effect 2.1#1 try attempt 1',
  'outcome 2.1#1 failed',
  'effect 2.1#2 shaken rank 1',
  'effect 2.1#2 try attempt 2',
  'outcome 2.1#2 failed',
  'effect 2.2#1 swift rank 2',
  'outcome 2.2#1 done',
  'effect 2.3#1 slow rank 3',
  'end failed',
];
/** A further attempt keeps what succeeded. */
const failedMarksUnder2 = failedMarks.filter((mark) => mark !== 'effect 2.1#2 shaken rank 1');
const failingLife: Life = {
  act: begin({ attempts: 2 }),
  silent: ['slower'],
  late: { 'try attempt 2': ['outcome 2.0#1 done', 'outcome 2.2#1 done', 'effect 2.3#1 slow rank 3'] },
};
const failingLog = (attempt: number): readonly string[] => [
  'steady of rank 0',
  'shaken of rank 1',
  `try of attempt ${attempt}`,
  'swift of rank 2',
  'slow of rank 3',
  'slower of rank 3',
  'finish of all',
];
const failingFinish: Finish = {
  acts: [resume()],
  status: 'done',
  state: { log: failingLog(3) },
  twin: 'whole-failing',
};

export const failingRuns: readonly FormatRun[] = [
  {
    runId: 'whole-failing',
    graph: 'failing',
    lives: [{ act: begin({ attempts: 2 }) }, { act: resume() }],
    left: 'done',
  },
  {
    runId: 'failed',
    graph: 'failing',
    lives: [failingLife],
    left: 'failed',
    finish: failingFinish,
  },
  {
    runId: 'failed-again',
    graph: 'failing',
    lives: [
      { ...failingLife, act: begin({ attempts: 4 }) },
      { act: resume(), silent: ['slower'] },
    ],
    left: 'failed',
    finish: {
      acts: [resume()],
      status: 'done',
      state: { log: failingLog(5) },
      calls: ['finish all', 'shaken rank 1', 'slower rank 3', 'try attempt 5'],
    },
    under2: {
      finish: {
        acts: [resume()],
        status: 'done',
        state: { log: failingLog(5) },
        calls: ['finish all', 'slower rank 3', 'try attempt 5'],
      },
    },
  },
  {
    runId: 'killed-after-failing',
    graph: 'failing',
    lives: [
      failingLife,
      { act: resume(), silent: ['try attempt 3', 'slower'], exit: kill(...failedMarks, 'effect 2.1#3 shaken rank 1') },
    ],
    left: 'running',
    finish: { ...failingFinish, afterWorker: 'done' },
    under2: {
      lives: [failingLife, { act: resume(), silent: ['try attempt 3', 'slower'], exit: kill(...failedMarksUnder2) }],
    },
  },
];
