// Mastra (mastra-ai/mastra#12860): workers that run beside each other overwrite one `errorResult`, so the last failure wins.
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'workers beside each other overwrite one error, and the last failure wins',
  rung: 'pairs',
  depth: 1,
  variable: 'errorResult',
  make() {
    let errorResult: string | undefined;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        try {
          await ask('tool');
          throw new Error(`${id} failed`);
        } catch (error) {
          errorResult = (error as Error).message;
        }
        return id;
      },
      after: () => errorResult ?? 'none',
    });
  },
};
