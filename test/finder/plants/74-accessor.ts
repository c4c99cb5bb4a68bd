import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

function metered(): { total: number } {
  let held = 0;
  return {
    get total() {
      return held;
    },
    set total(total) {
      held = total;
    },
  };
}

export const plant: Plant = {
  title: 'a property whose accessors keep it in a closure',
  rung: 'pairs',
  depth: 1,
  make() {
    const meter = metered();
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        meter.total += 1;
        return `${id} ${meter.total}`;
      },
    });
  },
};
