/** Takes a door away again. */
export type OutsideDoor = () => void;

/** Many doors as one; the last one that was put up is taken away first. */
export function allOf(doors: readonly OutsideDoor[]): OutsideDoor {
  return () => {
    for (const close of doors.toReversed()) close();
  };
}
