import { EventEmitter, on } from 'node:events';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a loop over the events of an emitter counts in a local variable',
  rung: 'all orders',
  depth: 1,
  make() {
    const bus = new EventEmitter();
    let isOpen = false;
    const count = async (): Promise<void> => {
      let failures = 0;
      for await (const [word] of on(bus, 'result')) {
        failures = word === 'b' ? 0 : failures + 1;
        if (failures === 2) isOpen = true;
      }
    };
    void count();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('model');
        bus.emit('result', id);
        return id;
      },
      after: () => (isOpen ? 'open' : 'closed'),
    });
  },
};
