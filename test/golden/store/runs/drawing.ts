// Draws, clock reads and HTTP exchanges that were completed before the process died.
import { httpEffects } from '../../../../src/live/http/index.ts';
import { answerTo } from '../graphs/outside.ts';
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun, Life } from './run.ts';

const drawingFinish: Finish = {
  acts: [resume()],
  status: 'done',
  state: {},
  twin: 'whole-drawing',
  afterWorker: 'done',
};

const httpOptions = {
  effects: [
    httpEffects({
      idempotencyHeader: ({ method }) => (method === 'POST' ? 'Idempotency-Key' : undefined),
      onDoubt: ({ url }) => (url.endsWith('/order') ? 'fail' : 'retry'),
    }),
  ],
};
const fetchingMarks = ['commit 0', 'effect 1.0#1 http GET /read', 'effect 1.0#1 http POST /write'];
const fetchingLife = (path: string, ...begun: readonly string[]): Life => ({
  act: begin({ path }),
  silent: [`http POST ${path}`],
  exit: kill(...fetchingMarks, ...begun),
});
const said = (request: string): string => JSON.stringify({ said: answerTo('http', request) });
const fetchingFinish = (last: string): Finish => ({
  acts: [resume()],
  status: 'done',
  state: { log: [`200 ${answerTo('http', 'GET /read')}`, said('POST /write'), last] },
  afterWorker: 'done',
});

export const drawingRuns: readonly FormatRun[] = [
  { runId: 'whole-drawing', graph: 'drawing', lives: [{ act: begin({}) }], left: 'done' },
  {
    runId: 'killed-after-draws',
    graph: 'drawing',
    lives: [
      {
        act: begin({}),
        silent: ['retell'],
        exit: kill('commit 0', 'effect 1.0#1 now', 'effect 1.0#1 now', 'effect 1.0#1 now start', 'effect 1.0#1 tell'),
      },
    ],
    left: 'running',
    finish: drawingFinish,
  },
  {
    runId: 'whole-fetching',
    graph: 'fetching',
    options: httpOptions,
    lives: [{ act: begin({ path: '/pay' }) }],
    left: 'done',
  },
  {
    runId: 'killed-after-http',
    graph: 'fetching',
    options: httpOptions,
    lives: [fetchingLife('/pay')],
    left: 'running',
    finish: { ...fetchingFinish(said('POST /pay')), twin: 'whole-fetching' },
  },
  {
    runId: 'http-in-doubt',
    graph: 'fetching',
    options: httpOptions,
    lives: [fetchingLife('/order', 'begin 1.0#1 http POST /order')],
    left: 'running',
    finish: { ...fetchingFinish('effect-in-doubt'), calls: [] },
    under2: {
      finish: {
        ...fetchingFinish(said('POST /order')),
        acts: [resume({ decide: { '1.0#1:http:http': 'retry' } })],
        calls: ['http POST /order'],
        afterWorker: 'failed',
      },
    },
  },
];
