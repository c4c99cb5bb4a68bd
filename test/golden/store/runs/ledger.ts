// Breakpoints, checkpoints, durability levels, limits, cancels and forks.
import { longText, oddValues, roundCount } from '../graphs/ledger.ts';
import { answerTo } from '../graphs/outside.ts';
import { begin, kill, resume } from './run.ts';
import type { Act, Finish, FormatRun } from './run.ts';

const forkOfWhole: Act = (engine, runId) =>
  engine.fork('whole-ledger', { step: 3, patch: { kept: new Map([['patched', 2n]]), note: 'forked' }, runId });

const turns = Array.from({ length: roundCount }, (_unused, round) => `${answerTo('turn', `round ${round}`)}; `);
const ledgerEnd = {
  kept: new Map([['first', 1n]]),
  note: answerTo('close', `${roundCount} rounds, note ""`),
  rounds: roundCount,
  said: turns.join(''),
};
const ledgerFinish: Finish = { acts: [resume()], status: 'done', state: ledgerEnd, twin: 'whole-ledger' };

const archiveEnd = {
  kept: [
    { id: 'latest', round: 3 },
    { id: 'round 0', round: 0 },
    { id: 'round 1', round: 1 },
    { id: 'round 2', round: 2 },
    { id: 'round 3', round: 3 },
  ],
  least: -3,
  long: longText,
  most: 3,
  names: new Set(['even true', 'even false']),
  odd: oddValues(),
  rounds: 4,
  seen: { 'round 0': 0n, 'round 1': 1n, 'round 2': 2n, 'round 3': 3n },
};

export const ledgerRuns: readonly FormatRun[] = [
  {
    runId: 'whole-ledger',
    graph: 'ledger',
    lives: [{ act: begin({}) }, { act: (engine, runId) => engine.label(runId, 2, 'from outside') }],
    left: 'done',
  },
  {
    runId: 'just-begun',
    graph: 'ledger',
    lives: [{ act: begin({}), silent: ['turn round 0'], exit: kill('commit 1') }],
    left: 'running',
    finish: { ...ledgerFinish, afterWorker: 'done' },
  },
  {
    runId: 'paused-before-a-node',
    graph: 'ledger',
    lives: [{ act: begin({}, { pauseBefore: ['close'] }) }],
    left: 'paused',
    finish: ledgerFinish,
  },
  {
    runId: 'paused-after-a-node',
    graph: 'ledger',
    lives: [{ act: begin({}, { pauseAfter: ['begin'] }) }],
    left: 'paused',
    finish: { ...ledgerFinish, acts: [resume({ pauseBefore: ['close'] }), resume()] },
  },
  {
    runId: 'whole-archive',
    graph: 'archive',
    checkpointLength: 2_000,
    lives: [{ act: begin({}) }],
    left: 'done',
  },
  {
    runId: 'killed-after-a-checkpoint',
    graph: 'archive',
    checkpointLength: 2_000,
    lives: [{ act: begin({}), silent: ['turn round 3'], exit: kill('commit 4') }],
    left: 'running',
    finish: { acts: [resume()], status: 'done', state: archiveEnd, twin: 'whole-archive', afterWorker: 'done' },
  },
  {
    runId: 'killed-at-durability-step',
    graph: 'ledger',
    options: { durability: 'step' },
    lives: [{ act: begin({}), silent: ['turn round 2'], exit: kill('commit 3') }],
    left: 'running',
    finish: { ...ledgerFinish, afterWorker: 'done' },
  },
  {
    runId: 'failed-by-a-limit',
    graph: 'ledger',
    lives: [{ act: begin({}), options: { maxSteps: 3 } }],
    left: 'failed',
    finish: ledgerFinish,
  },
  {
    runId: 'whole-cancelled',
    graph: 'ledger',
    lives: [{ act: begin({}), silent: ['turn round 1'], exit: { by: 'cancel', at: ['commit 2'] } }],
    left: 'cancelled',
  },
  {
    runId: 'cancel-requested',
    graph: 'ledger',
    lives: [{ act: begin({}), silent: ['turn round 1'], exit: { by: 'cancel-kill', at: ['commit 2'] } }],
    left: 'running',
    finish: {
      acts: [resume()],
      status: 'cancelled',
      state: { rounds: 1 },
      twin: 'whole-cancelled',
      skipped: ['turn round 1'],
      afterWorker: 'cancelled',
    },
  },
  { runId: 'whole-fork', graph: 'ledger', lives: [{ act: forkOfWhole }], left: 'done' },
  {
    runId: 'forked',
    graph: 'ledger',
    lives: [{ act: forkOfWhole, silent: ['turn round 3'], exit: kill('commit 4') }],
    left: 'running',
    finish: {
      ...ledgerFinish,
      state: {
        ...ledgerEnd,
        kept: new Map([['patched', 2n]]),
        note: answerTo('close', `${roundCount} rounds, note "forked"`),
      },
      twin: 'whole-fork',
      afterWorker: 'done',
    },
  },
];
