import { fields, graph, reduce } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a reducer counts its calls in a variable',
  rung: 'self-check',
  depth: 0,
  make() {
    let calls = 0;
    const numbered = reduce((list: readonly string[], text: string) => {
      calls += 1;
      return [...list, `${calls}: ${text}`];
    }, []);
    return graph('numbered', { state: fields({ found: numbered }) })
      .node('write', () => ({ delta: { found: 'one' } }))
      .start('write')
      .build();
  },
};
