// Recorded text is untrusted: what could move a cursor, change a colour or turn the reading direction is shown escaped.
const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Columns of a report. */
export const reportWidth = 100;

/** A text for one line of a terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced here
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, escapeOf);
}

/** A text for several lines: newlines stay. */
export function severalLines(text: string): string {
  return text.split('\n').map(oneLine).join('\n');
}

function escapeOf(character: string): string {
  return escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

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
