// An error that nobody catches ends a Node process. One from inside a replayed node belongs to its attempt; all others have
// the same effect as before.
import { currentAttempt } from '../port/attempt.ts';
import { realSetImmediate } from './event-loop/real-timers.ts';

let watcherCount = 0;

/** Until the returned function is called. */
export function watchThrows(): () => void {
  if (watcherCount === 0) process.on('uncaughtException', onThrown);
  watcherCount += 1;
  return () => {
    watcherCount -= 1;
    if (watcherCount === 0) process.off('uncaughtException', onThrown);
  };
}

function onThrown(thrown: unknown): void {
  const attempt = currentAttempt.getStore();
  if (attempt?.seal !== undefined) {
    attempt.ambient.threw(thrown);
    return;
  }
  // If somebody else listens, it is theirs. If not, Node would have ended the process had we not listened.
  if (process.listenerCount('uncaughtException') > 1) return;
  process.off('uncaughtException', onThrown);
  realSetImmediate(() => {
    throw thrown;
  });
}
