// Runs with chunks in the journal, some of them seen by readers.
import { wordCount } from '../graphs/streaming.ts';
import { begin, kill, resume } from './run.ts';
import type { Finish, FormatRun } from './run.ts';

const words = (who: string): string =>
  Array.from({ length: wordCount }, (_unused, place) => `words of ${who} from ${place - (place % 2)}, ${place}; `).join(
    '',
  );
const streamingFinish: Finish = {
  acts: [resume()],
  status: 'done',
  state: {
    again: words('again'),
    log: ['plain', 'resumable', 'again'],
    plain: words('plain'),
    resumed: words('resumable'),
  },
  twin: 'whole-streaming',
  afterWorker: 'done',
};
const againMarks = ['commit 2', 'effect 3.0#1 words again from 0', 'effect 3.0#1 words again from 2', 'chunk 3.0#1 4'];

export const streamingRuns: readonly FormatRun[] = [
  { runId: 'whole-streaming', graph: 'streaming', lives: [{ act: begin({}) }], left: 'done' },
  {
    runId: 'killed-while-streaming',
    graph: 'streaming',
    lives: [
      {
        act: begin({}),
        silent: ['words plain from 4', 'words resumable from 4'],
        exit: kill(
          'commit 1',
          'effect 2.0#1 words plain from 0',
          'effect 2.0#1 words plain from 2',
          'effect 2.1#1 words resumable from 0',
          'effect 2.1#1 words resumable from 2',
          'chunk 2.0#1 4',
          'chunk 2.1#1 4',
        ),
      },
    ],
    left: 'running',
    finish: { ...streamingFinish, restarts: ['2.1#1 4'] },
    hasReaders: true,
  },
  {
    runId: 'killed-while-a-plain-node-streams',
    graph: 'streaming',
    lives: [{ act: begin({}), silent: ['words again from 4'], exit: kill(...againMarks) }],
    left: 'running',
    finish: streamingFinish,
    hasReaders: true,
  },
  {
    runId: 'whole-dropping-chunks',
    graph: 'streaming',
    options: { keepChunks: 'step' },
    lives: [{ act: begin({}) }],
    left: 'done',
  },
  {
    runId: 'killed-after-dropping-chunks',
    graph: 'streaming',
    options: { keepChunks: 'step' },
    lives: [{ act: begin({}), silent: ['words again from 4'], exit: kill(...againMarks) }],
    left: 'running',
    finish: { ...streamingFinish, twin: 'whole-dropping-chunks' },
  },
];
