import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of an approval that is used twice: each task takes its own before it waits',
  make() {
    const approved = new Set(['refund']);
    return fanOut({
      ids: ['refund', 'delete'],
      async work({ id, ask }) {
        if (!approved.delete(id)) return `${id} waits for an approval`;
        await ask('do it');
        return `${id} is done`;
      },
      after() {
        approved.add('refund');
        return 'approved again';
      },
    });
  },
};
