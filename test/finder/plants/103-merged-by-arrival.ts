import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'results of tools are merged as they come, and two of them give the same field',
  rung: 'pairs',
  depth: 1,
  variable: 'facts',
  make() {
    const facts: Record<string, string> = {};
    return fanOut({
      ids: ['search', 'database', 'memory'],
      async work({ id, ask }) {
        const answer = await ask('tool');
        Object.assign(facts, id === 'memory' ? { mood: answer } : { address: answer });
        return `${id} has answered`;
      },
      after: ({ effect }) => effect('answer', { facts }, async () => `by ${facts.address}`),
    });
  },
};
