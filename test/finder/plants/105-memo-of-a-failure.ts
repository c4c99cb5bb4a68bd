import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a memoised promise keeps a failure, so no further attempt can succeed',
  rung: 'faults',
  depth: 1,
  faults: 'tools',
  invariant: (run) => (run as unknown as { readonly status: string }).status === 'done',
  make() {
    let token: Promise<string> | undefined;
    return fanOut({
      ids: ['a'],
      options: { retry: { attempts: 3 } },
      async work({ id, ask }) {
        token ??= ask('token');
        return `${id} with ${await token}`;
      },
      after() {
        token = undefined;
        return 'end';
      },
    });
  },
};
