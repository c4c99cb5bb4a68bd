// Mastra (mastra-ai/mastra#22319): parallel branches return whole snapshots of the state, and the last one overwrites what
// its siblings wrote.
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'branches write back whole snapshots, and the last one overwrites its siblings',
  rung: 'pairs',
  depth: 1,
  variable: 'snapshot',
  make() {
    let snapshot: Readonly<Record<string, string>> = {};
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const own = { ...snapshot };
        own[id] = await ask('model');
        snapshot = own;
        return id;
      },
      after: () => JSON.stringify(snapshot),
    });
  },
};
