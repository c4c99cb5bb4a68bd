// What a list of open questions says is enough to answer them.
import { expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, openQuestionsOf } from '../../../../src/index.ts';
import { askedText, questionText } from '../../../../src/report/index.ts';

it('shows of an effect in doubt what is asked and what it asked for, and no digest', async () => {
  let count = 0;
  let key = '';
  const pay = graph('pay', { state: fields({ order: last<string>() }) })
    .node(
      'charge',
      async ({ order }, { effect }) => {
        await effect(
          'wire',
          { order, amount: 4200 },
          (_request, { idempotencyKey }) => {
            count += 1;
            key = idempotencyKey;
            return count === 1 ? new Promise(() => undefined) : 'ok';
          },
          {
            onDoubt: 'ask',
          },
        );
      },
      { timeoutMs: 50, retry: { attempts: 2 } },
    )
    .start('charge')
    .build();
  const store = memoryStore();
  const engine = createEngine(pay, { store });
  expect((await engine.run({ order: 'A-17' }, { runId: 'pay-1' })).status).toBe('paused');
  const [question] = await openQuestionsOf(store, 'pay-1');
  if (question === undefined) throw new Error('nothing is asked');
  expect(questionText('pay-1', question)).toBe(
    'pay-1  Nobody knows whether call "wire" happened. Answer "retry", { "value": … } or { "error": "…" }. ' +
      `Its request: {"amount":4200,"order":"A-17"}, with the idempotency key ${key}  ${question.id}  asked by "charge"\n`,
  );
});

it('shows a question of a node as it is', () => {
  expect(askedText({ text: 'Ship it?', amount: 5 })).toBe('"Ship it?" {"amount":5}');
  expect(askedText({ effect: 'none', message: 'hm' })).toBe('{"effect":"none","message":"hm"}');
});
