import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

interface Bank {
  charges: number;
  readonly effects: Record<string, () => string>;
}

function bank(): Bank {
  const self: Bank = {
    charges: 0,
    effects: {
      charge() {
        self.charges += 1;
        return 'charged';
      },
    },
  };
  return self;
}

export const plant: Plant = {
  title: 'a charge that ignores its idempotency key',
  rung: 'crashes',
  depth: 1,
  outside: bank,
  invariant: (_run, { charges }: Bank) => charges === 1,
  make: () => oneNode(({ effect }) => effect('charge', { amount: 5 }, async () => 'charged')),
};
