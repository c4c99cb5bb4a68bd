import { oneNode } from '../fan-out.ts';
import { answerAfter } from '../paths.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the first of three requests wins a `Promise.race`',
  rung: 'all orders',
  depth: 1,
  lateAnswersMs: 2_000,
  make: () => oneNode(() => Promise.race([answerAfter(60, 'a'), answerAfter(5, 'b'), answerAfter(40, 'c')])),
};
