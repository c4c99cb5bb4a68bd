// An unhandled promise rejection ends a Node process. One from inside a node is reported with its task instead; all others
// have the same effect as before.
import { currentAttempt } from '../port/attempt.ts';
import type { Rejections } from '../port/rejections.ts';

let watcherCount = 0;

export const liveRejections: Rejections = {
  watch() {
    if (watcherCount === 0) process.on('unhandledRejection', onRejection);
    watcherCount += 1;
    return () => {
      watcherCount -= 1;
      if (watcherCount === 0) process.off('unhandledRejection', onRejection);
    };
  },
};

function onRejection(reason: unknown): void {
  const attempt = currentAttempt.getStore();
  if (attempt !== undefined) {
    attempt.noteRejection(reason);
    return;
  }
  // If somebody else listens, it is theirs. If not, Node would have thrown it had we not listened.
  if (process.listenerCount('unhandledRejection') > 1) return;
  throw reason;
}
