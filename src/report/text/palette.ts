// How parts of a report are highlighted. A report has the same text in any palette.
/**
 * How a report is colored. Each function gets a piece of text and returns it with whatever marks it, such as the escape
 * codes of a terminal.
 */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly recorded: (text: string) => string;
  readonly replayed: (text: string) => string;
}

const asItIs = (text: string): string => text;

/** For files, CI logs and pipes: leaves every text as it is. Functions that take a palette use it by default. */
export const plainPalette: Palette = Object.freeze({
  strong: asItIs,
  faint: asItIs,
  recorded: asItIs,
  replayed: asItIs,
});

function code(begin: number, end: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${begin}m${text}\u001b[${end}m`);
}

/** For terminals: recorded lines are red and replayed lines green, as in any diff. */
export const terminalPalette: Palette = Object.freeze({
  strong: code(1, 22),
  faint: code(2, 22),
  recorded: code(31, 39),
  replayed: code(32, 39),
});
