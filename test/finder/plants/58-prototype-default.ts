import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a default on a prototype is changed for all',
  rung: 'pairs',
  depth: 1,
  variable: 'settings',
  make() {
    const settings = Object.create({ model: 'small' }) as { model: string };
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('plan');
        const { model } = settings;
        (Object.getPrototypeOf(settings) as typeof settings).model = 'large';
        return `${id} uses ${model}`;
      },
    });
  },
};
