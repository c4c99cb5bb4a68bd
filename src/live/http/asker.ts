import type { CurrentAttempt } from '../../port/attempt.ts';
import type { HttpEffectsOptions } from './http-options.ts';

/** The attempt that makes a request, and the options its exchange is recorded with. */
export interface Asker {
  readonly attempt: CurrentAttempt;
  readonly options: HttpEffectsOptions;
}

export interface Askers {
  /** Who makes the request that starts now; `undefined` if nothing of it is to be recorded. */
  who(): Asker | undefined;
  /** A request starts now. It is noted if it belongs to nobody; returns whether it was. */
  noteNobodys(host: () => string): boolean;
  /** The same for one that is sent later than it is made. */
  passNobodys<Result>(host: () => string, send: () => Result): Result;
}
