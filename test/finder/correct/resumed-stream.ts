import { append, fields, graph } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a resumable stream that continues where it was',
  make: () =>
    graph('stream', { state: fields({ lines: append<string>() }) })
      .node(
        'write',
        async function* (_state, { effect, resumed }) {
          for (let line = resumed.length; line < 3; line += 1)
            yield { lines: [await effect('token', { line }, async () => `line ${line}`)] };
        },
        { resumable: true },
      )
      .start('write')
      .build(),
};
