import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of results that are merged as they come: merged in the order in which they were asked for',
  make: () =>
    oneNode(async ({ effect }) => {
      const answers = await Promise.all(
        ['search', 'database', 'memory'].map(async (tool) => {
          const answer = await effect('tool', { tool }, async () => `answer of ${tool}`);
          return tool === 'memory' ? { mood: answer } : { address: answer };
        }),
      );
      const facts = Object.assign({}, ...answers) as Record<string, string>;
      return effect('answer', { facts }, async () => `by ${facts.address}`);
    }),
};
