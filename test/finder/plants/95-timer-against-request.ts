import { setTimeout as wait } from 'node:timers/promises';
import { oneNode } from '../fan-out.ts';
import { answerAfter } from '../paths.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a timer against a request in a `Promise.race`',
  rung: 'all orders',
  depth: 1,
  lateAnswersMs: 2_000,
  make: () => oneNode(() => Promise.race([answerAfter(60, 'answered'), wait(10, 'late')])),
};
