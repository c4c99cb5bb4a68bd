import type { CurrentAttempt } from '../../port/attempt.ts';
import type { HttpEffectsOptions } from './http-options.ts';

/** The attempt that makes a request, and the options its exchange is recorded with. */
export interface Asker {
  readonly attempt: CurrentAttempt;
  readonly options: HttpEffectsOptions;
}

/** Who makes the request that starts now; `undefined` if nothing of it is to be recorded. */
export type WhoIsAsking = () => Asker | undefined;
