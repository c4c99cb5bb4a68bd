import { append, fields, graph } from '../../../src/index.ts';
import type { FakedCall } from '../../../src/fake/outside.ts';
import type { Plant } from '../plant.ts';

interface Bank {
  readonly charges: Set<string>;
  readonly effects: Record<string, (request: never, call: FakedCall) => string>;
}

/** It knows a charge again by its key. */
function bank(): Bank {
  const charges = new Set<string>();
  return { charges, effects: { charge: (_request, { idempotencyKey }) => String(charges.add(idempotencyKey).size) } };
}

export const plant: Plant = {
  title: 'a double charge by a retry after a timeout, as each attempt asks for something else',
  rung: 'faults',
  depth: 1,
  outside: bank,
  invariant: (_run, { charges }: Bank) => charges.size === 1,
  make: () =>
    graph('bill', { state: fields({ lines: append<string>() }) })
      .node(
        'charge',
        async (_state, { effect, attempt }) => ({
          delta: { lines: [await effect('charge', { amount: 5, attempt }, async () => '')] },
        }),
        { timeoutMs: 1_000, retry: { attempts: 2 } },
      )
      .start('charge')
      .build(),
};
