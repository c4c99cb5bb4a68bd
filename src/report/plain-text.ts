// Text that fits: in the columns of a report, and on the screen as what it is.
export { oneLine, severalLines } from '../base/visible-text.ts';

/** Columns of a report. */
export const reportWidth = 100;

export function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  // A character outside the basic plane is two units long: half of it is none.
  const end = /[\ud800-\udbff]/.test(text.charAt(lengthMax - 2)) ? lengthMax - 2 : lengthMax - 1;
  return `${text.slice(0, end)}…`;
}

/** A sentence in lines of a width, the report's by default, broken between words; the further lines are indented. */
export function wrapped(text: string, indent: string, width = reportWidth): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => shortened(one, width));
}
