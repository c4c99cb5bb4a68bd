// Temporal (temporalio/sdk-python#673): a counter of what runs is changed by a signal and by a completion, and whichever
// comes first decides whether the workflow waits.
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a counter of what runs is changed by a signal and by a completion',
  rung: 'pairs',
  depth: 1,
  variable: 'running',
  make() {
    let running = 1;
    return fanOut({
      ids: ['completion', 'signal'],
      async work({ id, ask }) {
        await ask(id);
        running += id === 'signal' ? 1 : -1;
        return running === 0 ? `${id}: idle` : `${id}: ${running} left`;
      },
    });
  },
};
