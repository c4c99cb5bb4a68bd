// A replayed task or attempt with the recorded one that it is answered from.
import type { FunctionNode } from '../../graph/spec.ts';
import type { AttemptKey, TaskKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { GraphPair } from './graph-pair.ts';

/** A recorded task that answers one of the replay. */
export interface RecordedTask {
  readonly key: TaskKey;
  readonly rank: number;
  readonly step: StepIndex;
}

export interface TaskPair {
  readonly own: TaskKey;
  /** Undefined if the task was not recorded. */
  readonly recorded: TaskKey | undefined;
  /** It stands in another recorded step than that whose order is followed. */
  readonly isApart: boolean;
  readonly node: string;
  readonly standIn: FunctionNode | undefined;
  readonly handler: string | undefined;
  readonly graphs: GraphPair | undefined;
  readonly step: StepIndex | undefined;
}

export interface AttemptPair {
  readonly at: AttemptKey;
  readonly node: string;
  readonly isApart: boolean;
  /** The key of the recorded attempt, or its own key if there is none. */
  readonly partner: AttemptKey;
  /** The recorded step, where other attempts may have what this one asks for. */
  readonly step: StepIndex | undefined;
  readonly recorded: AttemptIndex | undefined;
  readonly graphs: GraphPair | undefined;
  /** The node does not run: what was recorded is taken for what it did. */
  readonly isFedIn?: boolean;
}
