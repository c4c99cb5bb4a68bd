import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'sleeps of 10 ms and 200 ms in one node, which no run ever swaps',
  make: () =>
    oneNode(async ({ sleep }) => {
      const order: string[] = [];
      await Promise.all([
        sleep(200, 'long').then(() => order.push('long')),
        sleep(10, 'short').then(() => order.push('short')),
      ]);
      return order.join();
    }),
};
