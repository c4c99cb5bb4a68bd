import { append, fields, graph } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';
import { shops } from '../shops.ts';
import type { Shops } from '../shops.ts';

export const plant: Plant = {
  title: 'a race decides who is paid, and a crash forgets who won',
  rung: 'combined',
  depth: 2,
  variable: 'cheapest',
  outside: shops,
  invariant: (_run, { paid }: Shops) => paid.size === 1,
  faults: 'none',
  make() {
    let cheapest: string | undefined;
    return graph('shops', { state: fields({ lines: append<string>() }) })
      .node('ask', async (_state, { effect }) => {
        const offer = (shop: string): Promise<string> => effect(shop, {}, async () => '').then(() => shop);
        cheapest = await Promise.race([offer('near'), offer('far')]);
      })
      .node('pay', async (_state, { effect }) => ({
        delta: { lines: [await effect('pay', { shop: cheapest ?? 'near' }, async () => '')] },
      }))
      .edge('ask', 'pay')
      .start('ask')
      .build();
  },
};
