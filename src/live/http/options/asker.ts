import type { EndpointKind } from '../../../journal/http/listed-endpoints.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import type { HttpEffectsOptions, SentRequest } from './http-options.ts';

/** A request that starts now; undefined if nothing can be said of where it goes. */
export type Starting = () => SentRequest | undefined;

/** The attempt that makes a request, and the options its exchange is recorded with. */
export interface Asker {
  readonly attempt: CurrentAttempt;
  readonly options: HttpEffectsOptions;
  /** The request is no part of the run: it leaves untouched, as if an effect made it. */
  readonly passes?: EndpointKind;
}

export interface Askers {
  /** Who makes the request that starts now; `undefined` if nothing of it is to be recorded. */
  who(starting: Starting): Asker | undefined;
  /** A request starts now. It is noted if it belongs to nobody; returns whether it was. */
  noteNobodys(host: () => string, starting: Starting): boolean;
  /** The same for one that is sent later than it is made. */
  passNobodys<Result>(host: () => string, starting: Starting, send: () => Result): Result;
}
