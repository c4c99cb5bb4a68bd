import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the first answer aborts all other searches',
  rung: 'pairs',
  depth: 1,
  make() {
    const enough = new AbortController();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        const answer = await ask('search');
        if (enough.signal.aborted) return `${id} gave up`;
        enough.abort();
        return answer;
      },
    });
  },
};
