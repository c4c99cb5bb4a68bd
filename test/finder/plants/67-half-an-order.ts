import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'of an answer that ends in its middle, what is there is ordered',
  rung: 'faults',
  depth: 1,
  faults: 'models',
  outside: () => ({ effects: { plan: () => 'milk\nbread\ncheese\n' } }),
  invariant: ({ state }) =>
    (state as { readonly found: readonly string[] }).found.every((found) => found === '3 items' || found === 'unsure'),
  make: () =>
    oneNode(async ({ ask }) => {
      const lines = (await ask('plan')).split('\n').filter((line) => line !== '');
      return lines.length > 1 ? `${lines.length} items` : 'unsure';
    }),
};
