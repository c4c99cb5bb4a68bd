import { append, fields, graph } from 'reprise';
import { expect, it } from 'vitest';
import { attemptKey, stepKey, taskKey } from '../../../../../src/journal/key.ts';
import { effectEntry } from '../../../../support/journals.ts';
import { testRun } from '../../../../support/run-parts.ts';

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

// The lease of this process has run out, and to confirm it writes what is pending, at a level that writes at commits only.
it('has what an attempt read together with what it did then', async () => {
  let term = 0;
  const ownLease = {
    id: 'owner',
    get term() {
      return term;
    },
    renew: async () => undefined,
  };
  const { parts, entries } = await testRun(speaking, { ownLease, engine: { durability: 'step' } });
  const read = { source: 'crypto.randomUUID', segment: 0, from: 0, values: ['an id'] };
  parts.journal.ambient.hold(at, () => ({
    kind: 'ambient',
    at,
    node: 'speak',
    ordinal: 0,
    observed: { time: 0, reads: [read] },
  }));
  parts.journal.add(effectEntry(at, { request: 'an id' }));
  term += 1;
  await parts.journal.ready();
  expect(
    (await entries())
      .map(({ kind }) => kind)
      .slice(-2)
      .toSorted(),
  ).toEqual(['ambient', 'effect']);
});
