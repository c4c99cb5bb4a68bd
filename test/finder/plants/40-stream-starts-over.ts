import { append, fields, graph } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a resumable stream that starts over',
  rung: 'crashes',
  depth: 1,
  make: () =>
    graph('stream', { state: fields({ lines: append<string>() }) })
      .node(
        'write',
        async function* (_state, { effect }) {
          for (let line = 0; line < 3; line += 1)
            yield { lines: [await effect('token', { line }, async () => `line ${line}`)] };
        },
        { resumable: true },
      )
      .start('write')
      .build(),
};
