// Vercel Workflow (vercel/workflow#3070, #2171): a hook races a sleep, and a replay may pick the other one.
import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a hook races a sleep',
  rung: 'all orders',
  depth: 1,
  make: () => oneNode(({ ask, sleep }) => Promise.race([ask('hook'), sleep(1_000, 'timeout').then(() => 'timed out')])),
};
