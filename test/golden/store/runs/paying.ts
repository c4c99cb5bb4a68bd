// Effects in doubt, and effects marked `once`.
import { answerTo } from '../graphs/outside.ts';
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun, Life } from './run.ts';

type Doubt = 'retry' | 'fail' | 'ask' | 'once';

const payingLife = (doubt: Doubt): Life => ({
  act: begin({ doubt }),
  silent: ['pay 3 coins'],
  exit: kill('commit 0', 'effect 1.0#1 prepare a payment', ...(doubt === 'retry' ? [] : ['begin 1.0#1 pay 3 coins'])),
});
const payingLog = (paid: string): readonly string[] => {
  const log = [answerTo('prepare', 'a payment'), paid];
  return [...log, answerTo('file', log.join(', '))];
};
const paid = answerTo('pay', '3 coins');
const payingFinish = (doubt: Doubt): Finish => ({
  acts: [resume()],
  status: 'done',
  state: { log: payingLog(paid) },
  twin: `whole-paying-${doubt}`,
  afterWorker: 'done',
});

export const payingRuns: readonly FormatRun[] = [
  ...(['retry', 'ask', 'once'] as const).map(
    (doubt): FormatRun => ({
      runId: `whole-paying-${doubt}`,
      graph: 'paying',
      lives: [{ act: begin({ doubt }) }],
      left: 'done',
    }),
  ),
  {
    runId: 'in-doubt-retry',
    graph: 'paying',
    lives: [payingLife('retry')],
    left: 'running',
    finish: payingFinish('retry'),
  },
  {
    runId: 'in-doubt-once',
    graph: 'paying',
    lives: [payingLife('once')],
    left: 'running',
    finish: payingFinish('once'),
  },
  {
    runId: 'in-doubt-fail',
    graph: 'paying',
    lives: [payingLife('fail')],
    left: 'running',
    finish: {
      acts: [resume()],
      status: 'done',
      state: { log: payingLog('effect-in-doubt') },
      calls: ['file prepare of a payment, effect-in-doubt'],
      afterWorker: 'done',
    },
    under2: {
      finish: {
        acts: [resume({ decide: { '1.0#1:call:pay': { value: paid } } })],
        status: 'done',
        state: { log: payingLog(paid) },
        calls: [`file prepare of a payment, ${paid}`],
        afterWorker: 'failed',
      },
    },
  },
  {
    runId: 'in-doubt-ask',
    graph: 'paying',
    lives: [payingLife('ask')],
    left: 'running',
    finish: { ...payingFinish('ask'), acts: [resume(), resume({ answer: 'retry' })], afterWorker: 'paused' },
  },
  {
    runId: 'in-doubt-question-open',
    graph: 'paying',
    lives: [payingLife('ask'), { act: resume() }],
    left: 'paused',
    finish: {
      acts: [resume({ answers: { '1.0:in-doubt pay': { value: paid } } })],
      status: 'done',
      state: { log: payingLog(paid) },
      twin: 'whole-paying-ask',
      skipped: ['pay 3 coins'],
    },
  },
  { runId: 'whole-booking', graph: 'booking', lives: [{ act: begin({}) }], left: 'done' },
  {
    runId: 'once-done-by-an-earlier-attempt',
    graph: 'booking',
    lives: [
      {
        act: begin({}),
        silent: ['book right'],
        exit: kill(
          'commit 0',
          'begin 1.0#1 book left',
          'effect 1.0#1 book left',
          'outcome 1.0#1 failed',
          'begin 1.0#2 book right',
        ),
      },
    ],
    left: 'running',
    finish: {
      acts: [resume()],
      status: 'done',
      state: { log: ['book of left', 'book of right', 'tell of book of left, book of right'] },
      twin: 'whole-booking',
      afterWorker: 'done',
    },
  },
];
