import { append, fields, graph } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';
import { shops } from '../shops.ts';
import type { Shops } from '../shops.ts';

export const plant: Plant = {
  title: 'a shop that fails after another one has answered decides who is paid, and a crash forgets that',
  rung: 'combined',
  depth: 3,
  faults: 'tools',
  outside: shops,
  invariant: (_run, { paid }: Shops) => paid.size <= 1,
  make() {
    let shop: string | undefined;
    return graph('shops', { state: fields({ lines: append<string>() }) })
      .node('ask', async (_state, { effect }) => {
        let isOffered = false;
        const near = effect('near', {}, async () => '').catch(() => {
          if (isOffered) shop = 'far';
        });
        const far = effect('far', {}, async () => '').then(
          () => {
            isOffered = true;
          },
          () => undefined,
        );
        await Promise.all([near, far]);
      })
      .node('pay', async (_state, { effect }) => {
        await effect('pay', { shop: shop ?? 'near' }, async () => '').catch(() => undefined);
        return { delta: { lines: ['done'] } };
      })
      .edge('ask', 'pay')
      .start('ask')
      .build();
  },
};
