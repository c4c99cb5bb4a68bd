import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

/** As p-limit does it. */
function limiter(width: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await run();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

export const correct: Correct = {
  title: 'a limiter of the user that all tasks share',
  make() {
    const limited = limiter(2);
    return fanOut({ ids: ['a', 'b', 'c', 'd'], work: ({ ask }) => limited(() => ask('model')) });
  },
};
