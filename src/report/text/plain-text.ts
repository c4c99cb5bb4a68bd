// Fits text into the columns of a report, and makes control characters visible.
export { oneLine, severalLines } from '../../base/visible-text.ts';

/** The width of a report, in columns: that of a terminal where the program has said so, else 100. */
export let reportWidth = 100;

const widthMin = 40;

/** Wraps the reports of this process at the width of its terminal from now on. */
export function wrapReportsAt(columns: number): void {
  reportWidth = Math.max(widthMin, columns);
}

export function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  // Never split a surrogate pair: half of it is not a character.
  const end = /[\ud800-\udbff]/.test(text.charAt(lengthMax - 2)) ? lengthMax - 2 : lengthMax - 1;
  return `${text.slice(0, end)}…`;
}

/** A command to paste is one word: it is neither wrapped nor shortened. */
const command = /`(?:npx|npm|git) /;
const words = /(?:`(?:npx|npm|git) [^`]*`|[^ ])+|(?<= )(?= )/g;

/** Wraps a sentence between words, at the width of a report by default; further lines are indented. */
export function wrapped(text: string, indent: string, width = reportWidth): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(words) ?? []) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => (command.test(one) ? one : shortened(one, width)));
}

/** Indented below a headline. */
export function below(text: string): readonly string[] {
  return wrapped(text, '  ', reportWidth - 2).map((line) => `  ${line}`);
}
