// How parts of a report are highlighted. A report has the same text in any palette.
export interface Palette {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly recorded: (text: string) => string;
  readonly replayed: (text: string) => string;
}

const asItIs = (text: string): string => text;

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
