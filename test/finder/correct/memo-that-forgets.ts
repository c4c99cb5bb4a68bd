import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a memo that keeps a failure: it holds a promise for each task until that fails',
  make() {
    const tokens = new Map<string, Promise<string>>();
    return fanOut({
      ids: ['a', 'b'],
      options: { retry: { attempts: 2 } },
      async work({ id, attempt, effect }) {
        const ask = (): Promise<string> =>
          effect('token', { id, attempt }, async () => {
            if (id === 'b' && attempt === 1) throw new Error('busy');
            return `token of ${id}`;
          });
        const token = tokens.get(id) ?? ask();
        tokens.set(id, token);
        try {
          return await token;
        } catch (error) {
          tokens.delete(id);
          throw error;
        }
      },
      after() {
        tokens.clear();
        return 'end';
      },
    });
  },
};
