import type { OnDoubt } from '../../../port/attempt.ts';

/** When an effect may be performed again, and when an earlier answer counts. */
export interface EffectPolicy {
  /** It must not happen twice for its task, whatever its request. */
  readonly isOnce?: boolean;
  /** What to do if it is unknown whether it happened; 'retry' by default. */
  readonly onDoubt?: OnDoubt | undefined;
  /** If an earlier attempt of the task has got an answer, it counts. */
  readonly keeps?: boolean;
  /** It is one of the tries of an effect: by its retry policy, or by a client whose requests have keys. */
  readonly isTry?: boolean;
}

/** An earlier attempt's answer counts. */
export const keptEffect: EffectPolicy = { keeps: true };
