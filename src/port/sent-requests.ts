// Who sends a request that was made before anybody knew whether it is sent. Its agent gives it a socket in any context, and
// what it writes then it writes in the context of its maker, whose own requests may not leave.
import { keptWith } from '../base/kept-with.ts';
import { currentAttempt } from './attempt.ts';
import type { CurrentAttempt } from './attempt.ts';
import { PerformingAttempt } from './performing.ts';

const senders = keptWith<object, CurrentAttempt>();

/** Sends a request as the effect of an attempt. */
export function sending<Result>(request: object, attempt: CurrentAttempt, send: () => Result): Result {
  const sender = new PerformingAttempt(attempt);
  senders.set(request, sender);
  return currentAttempt.run(sender, send);
}

/** Undefined if its maker sends it itself. */
export function senderOf(request: object): CurrentAttempt | undefined {
  return senders.get(request);
}
