import { append, fields, graph } from '../../../src/index.ts';
import type { NodeContext } from '../../../src/graph/types/context-types.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'two tasks have to be swapped in one step, and in the next one too',
  rung: 'pairs',
  depth: 2,
  variable: 'order',
  make() {
    const order: string[] = [];
    const named =
      (name: string) =>
      async (_state: unknown, { effect }: Pick<NodeContext<undefined, never>, 'effect'>): Promise<undefined> => {
        await effect('model', { name }, async () => name);
        order.push(name);
        return undefined;
      };
    return graph('two-steps', { state: fields({ found: append<string>() }) })
      .node('plan', () => ({}))
      .node('a1', named('a1'))
      .node('b1', named('b1'))
      .node('a2', named('a2'))
      .node('b2', named('b2'))
      .node('end', () => ({ delta: { found: [order.join() === 'b1,a1,b2,a2' ? 'swapped twice' : 'fine'] } }))
      .edge('plan', 'a1')
      .edge('plan', 'b1')
      .edge('a1', 'a2')
      .edge('b1', 'b2')
      .edge('a2', 'end')
      .edge('b2', 'end')
      .start('plan')
      .build();
  },
};
