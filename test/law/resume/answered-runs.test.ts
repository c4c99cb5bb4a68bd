import { expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine, fields, graph, last } from '../../../src/index.ts';

const asking = graph('asking', { state: fields({ said: last('') }) })
  .node('ask', async (_state, { ask }) => ({ delta: { said: await ask('what?', { schema: z.string() }) } }))
  .start('ask')
  .build();

it('takes the first of two answers at once, and refuses the second', async () => {
  await using engine = createEngine(asking);
  await engine.run({}, { runId: 'run' });
  const [first, second] = await Promise.allSettled(['this', 'that'].map((answer) => engine.resume('run', { answer })));
  expect(first).toMatchObject({ status: 'fulfilled', value: { status: 'done', state: { said: 'this' } } });
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'question-answered' } });
});

it('opens the question again if the first of two answers at once does not fit', async () => {
  await using engine = createEngine(asking);
  await engine.run({}, { runId: 'run' });
  const [first, second] = await Promise.allSettled([7, 'this'].map((answer) => engine.resume('run', { answer })));
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'answer-invalid' } });
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'question-answered' } });
  expect(await engine.questions('run')).toMatchObject([{ question: 'what?', key: '1.0:question' }]);
  expect(await engine.resume('run', { answer: 'this' })).toMatchObject({ status: 'done', state: { said: 'this' } });
});
