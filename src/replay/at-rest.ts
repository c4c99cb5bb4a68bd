/** Turns of the event loop without any sign of life after which an attempt counts as having come to rest. */
const restTurns = 20;

/** Calls back once `activity` has said the same for some turns. The returned function gives up waiting. */
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
