import { readFile } from 'node:fs/promises';
import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'hashes and files beside effects',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        const [answer, digest, source] = await Promise.all([
          ask('model'),
          crypto.subtle.digest('SHA-256', new TextEncoder().encode(id)),
          readFile(new URL(import.meta.url), 'utf8'),
        ]);
        return `${answer} ${Buffer.from(digest).toString('hex').slice(0, 8)} ${source.length > 0}`;
      },
    }),
};
