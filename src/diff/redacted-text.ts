// Compares texts that hold redaction marks. Both sides have been redacted by the same rules, so only the secret that a
// mark stands for is left open.
//   R1. The text beside marks is compared: nothing may stand between them that was not recorded.
//   R2. A mark without a number stands for any secret of its kind. Marks with numbers are compared like any text.
const marks = /\[redacted:([a-z-]+)(?:#(\d+))?\]/g;

/** Whether two texts are the same but for what lies under the marks. */
export function sameBesideMarks(recorded: string, replayed: string): boolean {
  if (recorded === replayed) return true;
  if (!recorded.includes('[redacted:') || unnumbered(recorded) !== unnumbered(replayed)) return false;
  const numbers = [...replayed.matchAll(marks)].map(numberOf);
  return [...recorded.matchAll(marks)].every((mark, place) => {
    const number = numberOf(mark);
    return number === undefined || numbers[place] === undefined || number === numbers[place];
  });
}

function unnumbered(text: string): string {
  return text.replace(marks, '[redacted:$1]');
}

function numberOf([, , number]: RegExpMatchArray): string | undefined {
  return number;
}
