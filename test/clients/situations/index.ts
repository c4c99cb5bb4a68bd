import { answers } from './answers.ts';
import { failures } from './failures.ts';
import type { Situation } from './situation.ts';
import { uploads } from './uploads.ts';

export const situations: readonly Situation[] = [...answers, ...failures, ...uploads];
