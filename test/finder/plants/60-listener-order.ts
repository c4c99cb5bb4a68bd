import { EventEmitter } from 'node:events';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'listeners of a shared bus are called in the order in which tasks came',
  rung: 'pairs',
  depth: 1,
  variable: 'bus',
  make() {
    const bus = new EventEmitter();
    const heard: string[] = [];
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('subscribe');
        bus.on('end', () => heard.push(id));
        return id;
      },
      after: () => {
        bus.emit('end');
        return heard.join();
      },
    });
  },
};
