import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'answers of one score are ranked by when they came',
  rung: 'all orders',
  depth: 1,
  make: () =>
    oneNode(async ({ ask }) => {
      const ranked: { readonly name: string; readonly score: number }[] = [];
      await Promise.all(
        ['x', 'y', 'z'].map(async (name) => {
          await ask(name);
          ranked.push({ name, score: name === 'z' ? 2 : 1 });
        }),
      );
      return ranked.sort((left, right) => right.score - left.score).map(({ name }) => name)[1] ?? '';
    }),
};
