import { append, fields, graph } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a time limit that beats an answer by a tick, and is remembered after the retry had the answer',
  rung: 'faults',
  depth: 1,
  faults: 'models',
  outside: () => ({ effects: { model: () => 'a title' } }),
  invariant({ state }) {
    const [title, line] = (state as { readonly lines: readonly string[] }).lines;
    return line === `with ${title}`;
  },
  make() {
    let isLate = false;
    return graph('limit', { state: fields({ lines: append<string>() }) })
      .node(
        'ask',
        async (_state, { effect, signal }) => {
          signal.addEventListener('abort', () => {
            isLate = true;
          });
          return { delta: { lines: [await effect('model', {}, async () => '')] } };
        },
        { timeoutMs: 1_000, retry: { attempts: 2 } },
      )
      .node('use', ({ lines }) => ({ delta: { lines: [isLate ? 'without a title' : `with ${lines[0]}`] } }))
      .edge('ask', 'use')
      .start('ask')
      .build();
  },
};
