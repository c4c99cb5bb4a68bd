import type { AnsweredBefore } from '../../port/world.ts';

/** What the asker of an effect gets. */
export type GivenAnswer = Pick<AnsweredBefore, 'outcome' | 'facts'>;
