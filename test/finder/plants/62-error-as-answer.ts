import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the text of an error is taken for an answer',
  rung: 'faults',
  depth: 1,
  faults: 'tools',
  invariant: ({ state }) =>
    !(state as { readonly found: readonly string[] }).found.some((text) => text.includes('fail')),
  make: () => oneNode(({ ask }) => ask('search').catch((error: Error) => error.message)),
};
