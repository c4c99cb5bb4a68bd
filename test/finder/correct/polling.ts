import { setTimeout as wait } from 'node:timers/promises';
import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a task that polls until another one is done',
  make() {
    let isDone = false;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        if (id === 'a') {
          await ask('model');
          isDone = true;
          return 'a is done';
        }
        while (!isDone) await wait(5);
        return 'b has seen it';
      },
    });
  },
};
