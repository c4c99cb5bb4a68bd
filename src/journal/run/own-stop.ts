// Where a replay or an exploration has seen enough, it ends the run before its next step. That is no end of the run: nobody
// cancelled it, and what follows is not compared.
import type { RunEnd } from '../entry.ts';

const reason = 'the replay stopped';

export const ownStop: RunEnd = Object.freeze({ status: 'cancelled', reason });

export function isOwnStop(end: RunEnd): boolean {
  return end.status === 'cancelled' && end.reason === reason;
}
