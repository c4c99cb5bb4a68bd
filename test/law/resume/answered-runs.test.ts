import { expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine, fields, graph, last } from '../../../src/index.ts';

const asking = graph('asking', { state: fields({ said: last('') }) })
  .node('ask', async (_state, { ask }) => ({ delta: { said: await ask('what?', { schema: z.string() }) } }))
  .start('ask')
  .build();

it.each([
  ['first', 0, 'answer-invalid'],
  // The run is under way with the valid one.
  ['last', 1, 'run-not-resumable'],
])('takes the valid one of two answers at once, if the invalid one comes %s', async (_order, place, code) => {
  await using engine = createEngine(asking);
  await engine.run({}, { runId: 'run' });
  const answers = place === 0 ? [7, 'this'] : ['this', 7];
  const results = await Promise.allSettled(answers.map((answer) => engine.resume('run', { answer })));
  expect(results[place]).toMatchObject({ status: 'rejected', reason: { code } });
  expect(results[1 - place]).toMatchObject({
    status: 'fulfilled',
    value: { status: 'done', state: { said: 'this' } },
  });
});
