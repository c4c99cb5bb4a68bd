// Stretches of a text in which some characters are escaped: `%xx`, as in a link; `&#47;`, as in a page; `\u002f`, as in a script.
// They are decoded, redacted and escaped again, so a secret is found whatever a program escapes of it.
//   E1. A stretch without a secret stays as it is, and so does what stands beside one, byte for byte.

interface Escapes {
  /** What each escape begins with. */
  readonly start: string;
  /** One, at a place. */
  readonly one: RegExp;
  /** A character that may stand beside them in a stretch. */
  readonly plain: RegExp;
  /** Escapes that stand together, or a character. */
  readonly unit: RegExp;
  /** The characters of such a unit; undefined where it is not valid. */
  readonly decode: (unit: string) => readonly Piece[] | undefined;
  readonly encode: (text: string) => string;
}

interface Piece {
  readonly decoded: string;
  readonly source: string;
}

const inLinks: Escapes = {
  start: '%',
  one: /%[\da-fA-F]{2}/y,
  plain: /[\w.~!*'()+,;:@&=$/?-]/,
  unit: /(?:%[\da-fA-F]{2})+|[^%]/g,
  decode: charactersInLink,
  encode: (text) => encodeURIComponent(text.toWellFormed()),
};

const entity = '&(?:#\\d{1,7}|#[xX][\\da-fA-F]{1,6}|amp|lt|gt|quot|apos);';

const inPages: Escapes = {
  start: '&',
  one: new RegExp(entity, 'y'),
  plain: /[^\s<>"]/,
  unit: new RegExp(`${entity}|[\\s\\S]`, 'g'),
  decode: (unit) => [{ decoded: unit.length === 1 ? unit : characterOf(unit), source: unit }],
  encode: (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
};

const inScripts: Escapes = {
  start: '\\',
  one: /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2})/y,
  plain: /[^\s"'\\]/,
  unit: /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2})|[\s\S]/g,
  decode: (unit) => [
    { decoded: unit.length === 1 ? unit : String.fromCharCode(Number.parseInt(unit.slice(2), 16)), source: unit },
  ],
  encode: (text) => JSON.stringify(text).slice(1, -1),
};

export function redactEscaped(text: string, redact: (decoded: string) => string): string {
  let redacted = text;
  for (const escapes of [inLinks, inPages, inScripts]) redacted = redactIn(redacted, escapes, redact);
  return redacted;
}

/** The characters for which every program has a name. */
export const pageNames: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);
const named: ReadonlyMap<string, string> = new Map([...pageNames].map(([character, name]) => [name, character]));
const everyEntity = new RegExp(entity, 'g');
const codePointMax = 0x10_ffff;

/** A text of a page as a browser shows it. */
export function fromPage(text: string): string {
  return text.replace(everyEntity, characterOf);
}

const scriptEscape = /\\(?:u([\da-f]{4})|x([\da-f]{2})|([\s\S]))/gi;

/** A text inside of the quotes of JSON or of a script. */
export function fromScript(text: string): string {
  return text.replace(scriptEscape, (_whole, four?: string, two?: string, one = '') => {
    const code = four ?? two;
    return code === undefined ? (controls.get(one) ?? one) : String.fromCharCode(Number.parseInt(code, 16));
  });
}

const controls: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function characterOf(written: string): string {
  const isHex = /^&#x/i.test(written);
  const code = Number.parseInt(written.slice(isHex ? 3 : 2), isHex ? 16 : 10);
  return named.get(written) ?? (code > codePointMax ? written : String.fromCodePoint(code));
}

function charactersInLink(unit: string): readonly Piece[] | undefined {
  if (unit.length === 1) return [{ decoded: unit, source: unit }];
  let text: string;
  try {
    text = decodeURIComponent(unit);
  } catch {
    return undefined;
  }
  let offset = 0;
  return [...text].map((decoded) => {
    const length = Buffer.byteLength(decoded) * 3;
    const source = unit.slice(offset, offset + length);
    offset += length;
    return { decoded, source };
  });
}

function redactIn(text: string, escapes: Escapes, redact: (decoded: string) => string): string {
  let redacted = '';
  let copied = 0;
  const { start: first, plain } = escapes;
  for (let found = text.indexOf(first); found >= 0; found = text.indexOf(first, Math.max(found + 1, copied))) {
    if (lengthOfEscape(text, found, escapes) === 0) continue;
    let start = found;
    while (start > copied && plain.test(text[start - 1] as string)) start -= 1;
    const end = endOfStretch(text, found, escapes);
    redacted += text.slice(copied, start) + redactStretch(text.slice(start, end), escapes, redact);
    copied = end;
  }
  return copied === 0 ? text : redacted + text.slice(copied);
}

function endOfStretch(text: string, from: number, escapes: Escapes): number {
  let end = from;
  while (end < text.length) {
    const length = lengthOfEscape(text, end, escapes);
    if (length === 0 && !escapes.plain.test(text[end] as string)) return end;
    end += Math.max(1, length);
  }
  return end;
}

/** 0: none stands there. */
function lengthOfEscape(text: string, at: number, { start, one }: Escapes): number {
  if (text[at] !== start) return 0;
  one.lastIndex = at;
  return one.exec(text)?.[0].length ?? 0;
}

/** What did not change keeps the way in which it was escaped. */
function redactStretch(
  stretch: string,
  { unit, decode, encode }: Escapes,
  redact: (decoded: string) => string,
): string {
  const pieces: Piece[] = [];
  for (const one of stretch.match(unit) ?? []) {
    const characters = decode(one);
    if (characters === undefined) return stretch;
    pieces.push(...characters);
  }
  const decoded = pieces.map((piece) => piece.decoded).join('');
  const redacted = redact(decoded);
  if (redacted === decoded) return stretch;
  let before = 0;
  let index = 0;
  while (index < pieces.length && redacted.startsWith((pieces[index] as Piece).decoded, before)) {
    before += (pieces[index] as Piece).decoded.length;
    index += 1;
  }
  let after = redacted.length;
  let last = pieces.length;
  while (last > index) {
    const piece = (pieces[last - 1] as Piece).decoded;
    if (after - piece.length < before || !redacted.slice(0, after).endsWith(piece)) break;
    after -= piece.length;
    last -= 1;
  }
  const sources = pieces.map(({ source }) => source);
  return sources.slice(0, index).join('') + encode(redacted.slice(before, after)) + sources.slice(last).join('');
}
