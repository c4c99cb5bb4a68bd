import { oneNode } from '../fan-out.ts';
import { answerAfter } from '../paths.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the first request that succeeds wins a `Promise.any`',
  rung: 'all orders',
  depth: 1,
  lateAnswersMs: 2_000,
  make: () => oneNode(() => Promise.any([answerAfter(2, 'down', 503), answerAfter(60, 'a'), answerAfter(30, 'b')])),
};
