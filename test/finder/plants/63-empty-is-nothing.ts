import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'an empty answer is taken for a verdict',
  rung: 'faults',
  depth: 1,
  faults: 'models',
  outside: () => ({ effects: { judge: () => 'objection: it leaks' } }),
  invariant: ({ state }) => !(state as { readonly found: readonly string[] }).found.includes('approved'),
  make: () =>
    oneNode(async ({ ask }) => {
      const objections = await ask('judge');
      return objections === '' ? 'approved' : 'rejected';
    }),
};
