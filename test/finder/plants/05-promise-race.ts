import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the first of two answers wins a Promise.race',
  rung: 'all orders',
  depth: 1,
  make: () => oneNode(({ ask }) => Promise.race([ask('fast model'), ask('slow model')])),
};
