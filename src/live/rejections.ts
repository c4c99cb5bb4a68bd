// A rejected promise that nobody awaits ends a Node process. Inside a node it is reported with its task instead; all
// others keep meaning what they meant before.
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
  // Somebody else listens: then it is theirs. Else Node would have thrown it, had we not listened.
  if (process.listenerCount('unhandledRejection') > 1) return;
  throw reason;
}
