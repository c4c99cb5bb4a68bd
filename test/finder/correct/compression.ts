import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

const zipped = promisify(gzip);

export const correct: Correct = {
  title: 'compression between answers',
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      async work({ ask }) {
        const answer = await ask('model');
        const bytes = await zipped(Buffer.from(answer.repeat(1_000)));
        return `${bytes.length > 0} ${await ask('store')}`;
      },
    }),
};
