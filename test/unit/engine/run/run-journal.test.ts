import { append, fields, graph } from 'reprise';
import { expect, it } from 'vitest';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';
import { testRun } from '../../../support/run-parts.ts';

const speaking = graph('speaking', { state: fields({ words: append<string>() }) })
  .node('speak', () => {})
  .start('speak')
  .build();
const at = attemptKey(taskKey(stepKey('', 1), 0), 1);

// A store that keeps whole journals takes one that continues after its end for a damaged one.
it('has the chunks of an attempt that was stopped before the end of the run', async () => {
  const { parts, entries } = await testRun(speaking);
  const { chunks } = parts.journal;
  chunks.add(at, 'speak', 0, { words: ['one'] });
  chunks.hurry();
  chunks.add(at, 'speak', 1, { words: ['two'] });
  parts.journal.add({
    kind: 'end',
    at: '',
    step: 0,
    end: { status: 'cancelled', reason: 'enough' },
    observed: { time: 0 },
  });
  await parts.journal.flush();
  expect((await entries()).map(({ kind }) => kind).slice(-3)).toEqual(['chunk', 'chunk', 'end']);
});
