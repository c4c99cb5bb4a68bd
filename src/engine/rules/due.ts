/**
 * When a wait is over that has a recorded end. The clock that recorded it may have been ahead: nobody waits for longer
 * than one that begins now. All times are milliseconds since 1970. `began`: by the same clock as `due`.
 */
export function endOfWait(now: number, began: number, due: number): number {
  return Math.min(due, now + Math.max(0, due - began));
}
