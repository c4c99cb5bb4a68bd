import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a stale cache: each entry goes by the version that its task was told',
  make() {
    const prices = new Map<string, string>();
    return fanOut({
      ids: ['refresh', 'quote', 'invoice'],
      async work({ id, effect }) {
        const version = await effect('version', { id }, async () => (id === 'refresh' ? 2 : 1));
        const key = `lamp, version ${version}`;
        if (!prices.has(key)) prices.set(key, `the price of version ${version}`);
        return `${id}: ${prices.get(key)}`;
      },
    });
  },
};
