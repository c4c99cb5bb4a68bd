import { fanOut } from '../fan-out.ts';
import { answerAfter } from '../paths.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a batch is asked for once all keys have come, in a stable order, and nobody catches it',
  make() {
    let waiting: { readonly id: string; readonly give: (text: string) => void }[] = [];
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('look');
        return new Promise<string>((resolve) => {
          waiting.push({ id, give: resolve });
          if (waiting.length < 3) return;
          queueMicrotask(async () => {
            const batch = waiting;
            waiting = [];
            const keys = batch.map((one) => one.id).sort();
            await answerAfter(1, keys.join(''));
            for (const one of batch) one.give(`loaded ${one.id}`);
          });
        });
      },
    });
  },
};
