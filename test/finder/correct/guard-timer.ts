import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

/** Like the clients of model providers. */
async function withLimit<Answer>(limitMs: number, call: () => Promise<Answer>): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('too slow')), limitMs);
  try {
    const answer = await call();
    abort.signal.throwIfAborted();
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

export const correct: Correct = {
  title: 'calls with a time limit that none of them reaches',
  make: () => fanOut({ ids: ['a', 'b', 'c'], work: ({ ask }) => withLimit(60_000, () => ask('model')) }),
};
