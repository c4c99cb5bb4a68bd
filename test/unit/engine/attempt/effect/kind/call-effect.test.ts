import { expect, it } from 'vitest';
import { createEngine, fields, graph } from '../../../../../../src/index.ts';

it.each([
  [{ onse: true }, 'effect: unknown option "onse"'],
  [{ onDoubt: 'aks' }, 'effect: option "onDoubt" is "aks"'],
  [{ once: 'yes' }, 'effect: option "once" is "yes"'],
])('refuses an effect with the options %j', async (options, message) => {
  const paying = graph('paying', { state: fields({}) })
    .node('pay', async (_state, { effect }) => {
      await effect('pay', 1, () => 1, options as never);
    })
    .start('pay')
    .build();
  await using engine = createEngine(paying);
  const run = await engine.run({});
  expect(run).toMatchObject({ status: 'failed', error: { code: 'option-invalid' } });
  expect(String((run as { readonly error?: unknown }).error)).toContain(message);
});
