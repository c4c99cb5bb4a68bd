// Mastra (mastra-ai/mastra#12029): items of a concurrent foreach share one context, so one reads what another has set.
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'items of a concurrent foreach share one context',
  rung: 'pairs',
  depth: 1,
  variable: 'context',
  make() {
    const context = new Map<string, string>();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        context.set('item', id);
        await ask('load');
        return `${id} worked on ${context.get('item')}`;
      },
    });
  },
};
