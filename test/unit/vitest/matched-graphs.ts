import { messageOf } from '../../../src/base/error.ts';
import { fanOut } from '../../finder/fan-out.ts';

// In a file of their own: a watch reads all that the functions of a graph can reach, the test's own tools included.
export const racing = () => {
  let current = '';
  return fanOut({
    ids: ['a', 'b'],
    async work({ id, ask }) {
      current = id;
      await ask('model');
      return `${id} sees ${current}`;
    },
  });
};

export const independent = () => fanOut({ ids: ['a', 'b'], work: ({ ask }) => ask('model') });

export const retrying = () =>
  fanOut({ ids: ['a', 'b'], options: { retry: { attempts: 2 } }, work: ({ ask }) => ask('model') });

export async function thrownMessage(assertion: Promise<void>): Promise<string> {
  return assertion.then(
    () => 'nothing was thrown',
    (thrown: unknown) => messageOf(thrown),
  );
}
