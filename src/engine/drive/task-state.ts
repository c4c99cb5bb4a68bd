// What a task is doing: the states of task-run.ts, and the moves between them.
import type { Moves } from '../../base/assert.ts';
import type { AttemptWorld } from '../../port/world.ts';
import type { OutcomeEntry } from '../../journal/entry.ts';
import type { LingeringAttempt } from '../run/lingering.ts';

/** An attempt that is open, here or at a worker. */
export interface RunningAttempt extends LingeringAttempt {
  /** Whether its code may still run although it is over, and nobody has waited for it. */
  readonly mayStillRun: boolean;
  readonly isCleaningUp: boolean;
  /** Its places in the order, once it has ended and if they are needed. */
  readonly order: OutcomeEntry['observed']['order'];
  /** Of one that ended elsewhere: what was seen of its end there. */
  readonly observed?: OutcomeEntry['observed'] | undefined;
  start(): void;
  /** Stops the attempt from outside, without a result. */
  stop(reason: Error): void;
}

export type TaskState =
  | { readonly kind: 'new' | 'queued' | 'lingering' | 'backing off' | 'parked' | 'ended' }
  | {
      readonly kind: 'attempting';
      readonly attempt: RunningAttempt;
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
