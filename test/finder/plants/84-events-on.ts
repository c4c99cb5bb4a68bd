import { EventEmitter, on } from 'node:events';
import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'answers are read as events, in the order of their coming',
  rung: 'all orders',
  depth: 1,
  make() {
    return oneNode(async ({ ask }) => {
      const bus = new EventEmitter();
      const heard: string[] = [];
      const answers = on(bus, 'answer');
      for (const name of ['left', 'middle', 'right']) void ask(name).then((answer) => bus.emit('answer', answer));
      for await (const [answer] of answers) if (heard.push(answer as string) === 3) break;
      return heard.join();
    });
  },
};
