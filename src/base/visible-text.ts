// Text from outside is untrusted. Characters that could move a cursor, change a colour or reverse the reading direction
// are shown escaped, and so are spaces that look like another one, or like nothing. The escapes are those of JSON, so JSON text
// stays the same JSON.
const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced here
const controls = /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const spaces = /[\u2000-\u200b\u202f\u205f\u2060]/g;

/** A text for one line of a terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, escapeOf).replace(spaces, escapeOf);
}

/** A text for several lines: newlines stay. */
export function severalLines(text: string): string {
  return text.split('\n').map(oneLine).join('\n');
}

function escapeOf(character: string): string {
  return escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
