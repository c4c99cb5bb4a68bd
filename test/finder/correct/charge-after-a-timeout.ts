import { append, fields, graph } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a charge with a key, and a time limit after which it is sent again',
  make: () =>
    graph('bill', { state: fields({ lines: append<string>() }) })
      .node(
        'charge',
        async (_state, { effect }) => ({
          delta: { lines: [await effect('charge', { amount: 5 }, async () => 'paid')] },
        }),
        { timeoutMs: 1_000, retry: { attempts: 3, delayMs: 50 } },
      )
      .start('charge')
      .build(),
};
