import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a fallback that answers in another shape',
  rung: 'faults',
  depth: 1,
  outside: () => ({ effects: { model: () => 'a title', cheaper: () => ({ text: 'a title' }) } }),
  invariant: ({ state }) => (state as { found: readonly unknown[] }).found.every((found) => typeof found === 'string'),
  make: () => oneNode(({ ask }) => ask('model').catch(() => ask('cheaper'))),
};
