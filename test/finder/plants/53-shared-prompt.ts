import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'messages are pushed to a prompt that all share',
  rung: 'pairs',
  depth: 1,
  variable: 'messages',
  make() {
    const messages: string[] = ['You are helpful.'];
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask, effect }) {
        await ask('search');
        messages.push(id);
        return effect('model', { id, messages: [...messages] }, () => 'answer');
      },
    });
  },
};
