// When the time of a replayed attempt is over: never by itself, and where it was over in the recording.
import type { AttemptKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';
import { isOverByTime } from './answer-of.ts';

export interface WatchedAttempt {
  readonly at: AttemptKey;
  /** The recorded attempt. */
  readonly partner: AttemptKey;
  readonly recorded: AttemptIndex | undefined;
  /** Its node does not run, so it asks for nothing of what was recorded. */
  readonly isFedIn: boolean;
  readonly timeoutMs: number;
  readonly expire: () => void;
}

/** `controlled`: the clock of an oracle that controls the order. The returned function gives it up. */
export function watchAttempt(
  { at, partner, recorded, isFedIn, timeoutMs, expire }: WatchedAttempt,
  { controlled, quiet }: { readonly controlled: Clock | undefined; readonly quiet: Quiet },
): () => void {
  if (recorded === undefined || !isOverByTime(partner, recorded.outcome?.result)) return () => undefined;
  const isReady = (): boolean => isFedIn || recorded.isUsedUp;
  if (controlled !== undefined)
    return controlled.setTimer(timeoutMs, expire, { kind: 'timeout', at, isGuard: true, isReady });
  return quiet.when({
    get rank() {
      return isReady() ? 'recorded' : 'unmet';
    },
    due: recorded.outcome?.observed.order?.ended ?? Number.MAX_SAFE_INTEGER,
    go: expire,
  });
}

/** A function that cleans up has no outcome. It may have been refused something, and wait for ever. */
export function watchCleanUp({ recorded, expire }: WatchedAttempt, quiet: Quiet): () => void {
  const rank = recorded?.isTimedOut === true ? 'timer' : 'unmet';
  return quiet.when({ rank, due: Number.MAX_SAFE_INTEGER, go: expire });
}
