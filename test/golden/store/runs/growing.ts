// Runs that started on an older version of their graph.
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun } from './run.ts';

const begun = { act: begin({}, { pauseBefore: ['two'] }), graph: 'growingOld' } as const;
const growingFinish: Finish = {
  acts: [resume()],
  status: 'done',
  state: { count: 2, log: ['one of first', 'two of 1 before'], note: 'one goes since old' },
  twin: 'whole-growing',
};

export const growingRuns: readonly FormatRun[] = [
  {
    runId: 'whole-growing',
    graph: 'growingNew',
    lives: [begun, { act: resume() }],
    left: 'done',
  },
  {
    runId: 'paused-on-an-older-graph',
    graph: 'growingNew',
    lives: [begun],
    left: 'paused',
    finish: growingFinish,
  },
  {
    runId: 'killed-after-migrating',
    graph: 'growingNew',
    lives: [begun, { act: resume(), silent: ['two'], exit: kill('commit 1', 'edit 1') }],
    left: 'running',
    finish: { ...growingFinish, afterWorker: 'done' },
    // It says that it was resumed past its breakpoint.
    under2: { lives: [begun, { act: resume(), silent: ['two'], exit: kill('commit 1', 'edit 1', 'note 2') }] },
  },
];
