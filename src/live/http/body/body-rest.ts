// When a body that is held back has come to rest: it does not end, and may wait for its answer. Nothing in a replay waits for
// time, so there all has to be quiet. In a run that is resumed it may come from the network, which takes its time.
import type { CurrentAttempt } from '../../../port/attempt.ts';

const restMs = 100;
const { setTimeout: later, clearTimeout: never } = globalThis;

/** Before anything recorded: what is to be delivered next may be the answer that the body waits for. */
const first = -1;

/** Calls back once. The returned function calls that off. */
export function whenAtRest({ seal, ambient }: CurrentAttempt, rested: () => void): () => void {
  if (seal !== undefined && ambient.quiet !== undefined)
    return ambient.quiet.when({ rank: 'recorded', due: first, go: rested });
  const timer = later(rested, restMs);
  timer.unref();
  return () => never(timer);
}
