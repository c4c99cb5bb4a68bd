import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a hedge that submits twice: prices are hedged, and one order is submitted',
  make: () =>
    oneNode(async ({ effect, race }) => {
      const ask = (shop: string) => async () => effect('price', { shop }, async () => 5);
      const { value } = await race('price', { near: ask('near'), far: ask('far') });
      return effect('order', { price: value }, async () => 'ordered');
    }),
};
