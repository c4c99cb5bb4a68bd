// Runs that wait for time or for people.
import { begin, kill, resume } from './run.ts';
import type { Act, Finish, FormatRun } from './run.ts';

const hundredYearsMs = 3_155_760_000_000;
const yes = (name: string): string => `yes to ${name}`;

const restingMarks = [
  'commit 1',
  'effect 2.0#1 lie down nap',
  'begin 2.0#1 sleep',
  'effect 2.1#1 try attempt 1',
  'outcome 2.1#1 failed',
].sort();
const restingFinish: Finish = {
  acts: [resume()],
  status: 'done',
  state: { log: ['lie down of nap', 'get up of nap', 'try of attempt 2'] },
  twin: 'whole-resting',
  afterWorker: 'done',
};
const workOnce: Act = (engine) => engine.work({ isOnce: true, parkMs: 1_000, pollMs: 10 }).done;

/** Lets a worker resume the run once it is due. */
const wake: Act = (engine) =>
  new Promise((resolve) => {
    const worker = engine.work({ pollMs: 10, onRun: () => void worker.stop().then(resolve) });
  });

const askingFinish = (...names: readonly string[]): Finish => ({
  acts: [resume({ answers: Object.fromEntries(names.map((name, rank) => [`2.${rank}:${name}`, yes(name)])) })],
  status: 'done',
  state: {
    log: [
      ...names.flatMap((name) => [`prepare of ${name}`, yes(name).toUpperCase(), `file of ${name}`]),
      'work of beside them',
      'work on of beside them',
    ],
  },
  twin: `whole-asking-${names.join('-')}`,
});
const askingInput = (...names: readonly string[]): object => ({ questions: names.map((name) => ({ name })) });
const expiring = { questions: [{ name: 'late', timeoutMs: 300 }] };
const patient = { questions: [{ name: 'whenever', timeoutMs: hundredYearsMs }] };

export const waitingRuns: readonly FormatRun[] = [
  { runId: 'whole-resting', graph: 'resting', lives: [{ act: begin({}) }], left: 'done' },
  {
    // First of its graph: its worker would resume the others, too.
    runId: 'parked',
    graph: 'resting',
    lives: [{ act: begin({}), exit: { by: 'close', at: restingMarks } }, { act: workOnce }],
    left: 'paused',
    finish: restingFinish,
  },
  {
    runId: 'asleep',
    graph: 'resting',
    lives: [{ act: begin({}), exit: { by: 'kill', at: restingMarks } }],
    left: 'running',
    finish: restingFinish,
  },
  {
    // First of its graph: its worker would resume the others, too.
    runId: 'whole-asking-late',
    graph: 'asking',
    lives: [{ act: begin(expiring) }, { act: wake }],
    left: 'done',
  },
  {
    runId: 'whole-asking-one-two',
    graph: 'asking',
    lives: [{ act: begin(askingInput('one', 'two')) }, { act: askingFinish('one', 'two').acts[0] as Act }],
    left: 'done',
  },
  {
    runId: 'asked',
    graph: 'asking',
    lives: [{ act: begin(askingInput('one', 'two')) }],
    left: 'paused',
    finish: askingFinish('one', 'two'),
  },
  {
    runId: 'half-answered',
    graph: 'asking',
    lives: [{ act: begin(askingInput('one', 'two')) }, { act: resume({ answers: { '2.1:two': yes('two') } }) }],
    left: 'paused',
    finish: { ...askingFinish('one', 'two'), acts: [resume({ answer: yes('one') })] },
  },
  {
    runId: 'killed-while-asking',
    graph: 'asking',
    lives: [
      {
        act: begin(askingInput('one', 'two')),
        silent: ['work on'],
        // The second call of `work` flushes the questions, which have been asked by then.
        late: { 'work beside them': [] },
        exit: kill(
          'commit 1',
          'effect 2.0#1 prepare one',
          'begin 2.0#1 ask one',
          'effect 2.1#1 prepare two',
          'begin 2.1#1 ask two',
          'effect 2.2#1 work beside them',
        ),
      },
    ],
    left: 'running',
    finish: { ...askingFinish('one', 'two'), afterWorker: 'paused' },
  },
  {
    runId: 'ask-expired',
    graph: 'asking',
    lives: [{ act: begin(expiring) }],
    left: 'paused',
    finish: {
      ...askingFinish('late'),
      acts: [resume()],
      state: {
        log: ['prepare of late', 'answer-timeout', 'file of late', 'work of beside them', 'work on of beside them'],
      },
      afterWorker: 'done',
    },
  },
  {
    runId: 'whole-asking-whenever',
    graph: 'asking',
    lives: [{ act: begin(patient) }, { act: askingFinish('whenever').acts[0] as Act }],
    left: 'done',
  },
  {
    runId: 'ask-with-a-far-deadline',
    graph: 'asking',
    lives: [{ act: begin(patient) }],
    left: 'paused',
    finish: { ...askingFinish('whenever'), acts: [resume(), ...askingFinish('whenever').acts] },
  },
];
