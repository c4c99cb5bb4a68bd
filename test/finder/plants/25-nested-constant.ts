import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a nested object of a constant is changed',
  rung: 'pairs',
  depth: 1,
  variable: 'settings',
  make() {
    const settings = { model: { tries: 0 } };
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const { tries } = settings.model;
        await ask('model');
        settings.model.tries += 1;
        return `${id} began after ${tries} tries`;
      },
    });
  },
};
