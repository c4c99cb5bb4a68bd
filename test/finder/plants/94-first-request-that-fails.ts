import { oneNode } from '../fan-out.ts';
import { answerAfter } from '../paths.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'three requests of a `Promise.all` fail, and the result names the first',
  rung: 'all orders',
  depth: 1,
  lateAnswersMs: 2_000,
  make: () =>
    oneNode(async () => {
      const failing = [60, 5, 40].map((ms, place) => answerAfter(ms, `mirror${place}`, 503));
      return Promise.all(failing).then(
        () => 'none',
        ({ message }) => message,
      );
    }),
};
