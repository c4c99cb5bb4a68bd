/** After this many turns of the event loop without activity, an attempt counts as being at rest. */
const restTurns = 20;

/** Calls back once `activity` has returned the same text for some turns. The returned function stops waiting. */
export function whenAtRest(activity: () => string, callback: () => void): () => void {
  let isOver = false;
  const turn = (before: string, count: number): void => {
    setImmediate(() => {
      if (isOver) return;
      const now = activity();
      if (now !== before) turn(now, 0);
      else if (count < restTurns) turn(now, count + 1);
      else callback();
    });
  };
  turn(activity(), 0);
  return () => {
    isOver = true;
  };
}
