import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a further attempt appends its question to a history that holds it already',
  rung: 'faults',
  depth: 1,
  invariant({ state }) {
    const [answer = ''] = (state as { readonly found: readonly string[] }).found;
    return !answer.includes('question of a, question of a');
  },
  make() {
    const history: string[] = [];
    return fanOut({
      ids: ['a'],
      options: { retry: { attempts: 2 } },
      async work({ id, ask }) {
        history.push(`question of ${id}`);
        await ask('model');
        return history.join(', ');
      },
      after() {
        history.length = 0;
        return 'end';
      },
    });
  },
};
