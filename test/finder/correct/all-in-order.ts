import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'Promise.all, read in the order of the questions',
  make: () => oneNode(async ({ ask }) => (await Promise.all(['x', 'y', 'z'].map((name) => ask(name)))).join()),
};
