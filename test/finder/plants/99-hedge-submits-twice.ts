import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

interface Shop {
  orders: number;
  readonly effects: Record<string, () => string>;
}

function shop(): Shop {
  const self: Shop = {
    orders: 0,
    effects: {
      order() {
        self.orders += 1;
        return `order ${self.orders}`;
      },
    },
  };
  return self;
}

export const plant: Plant = {
  title: 'a hedge against a slow answer submits the order a second time',
  rung: 'faults',
  depth: 1,
  outside: shop,
  invariant: (_run, { orders }: Shop) => orders === 1,
  make: () =>
    oneNode(async ({ effect, sleep }) => {
      const submit = (hedge: number): Promise<string> => effect('order', { item: 'lamp', hedge }, async () => '');
      const first = submit(0);
      const answered = await Promise.race([first, sleep(500).then(() => undefined)]);
      return answered ?? (await Promise.any([first, submit(1)]));
    }),
};
