// What a task is doing: the states of task-run.ts, and the moves between them.
import type { Moves } from '../../base/assert.ts';
import type { AttemptWorld } from '../../port/world.ts';
import type { Attempt } from '../attempt/attempt.ts';

export type TaskState =
  | { readonly kind: 'new' | 'queued' | 'lingering' | 'backing off' | 'parked' | 'ended' }
  | {
      readonly kind: 'attempting';
      readonly attempt: Attempt;
      readonly world: AttemptWorld;
      /** Milliseconds since 1970. */
      readonly began: number;
    };

export const taskMoves: Moves<TaskState['kind']> = {
  new: ['queued'],
  queued: ['attempting', 'ended'],
  attempting: ['lingering', 'ended'],
  lingering: ['backing off', 'parked', 'ended'],
  'backing off': ['queued', 'ended'],
  parked: ['queued', 'ended'],
  ended: [],
};
