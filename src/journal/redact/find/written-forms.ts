// The forms in which programs write a text inside of others: escaped, in a page, in another form of Unicode, in another encoding.
// What stands encoded as a whole (encoded-run.ts), and where single characters are escaped (escaped-text.ts), is decoded before
// it is searched.

/** All of them, the text itself first. */
export function writtenForms(text: string): ReadonlySet<string> {
  const forms = new Set([text]);
  for (const spelled of isAscii(text) ? [text] : [text, text.normalize('NFC'), text.normalize('NFD')]) {
    const once = escaped(spelled);
    // Some libraries escape slashes in JSON too.
    const slashed = once.replaceAll('/', '\\/');
    for (const form of [
      spelled,
      once,
      escaped(once),
      slashed,
      asciiEscaped(spelled),
      once.replace(/[&<>]/g, unicodeEscaped),
      ...ofPages(spelled),
      ofForm(spelled),
    ])
      forms.add(form);
    if (isAscii(spelled)) continue;
    // In bytes that hold more than text, and where a program took them for another encoding.
    forms.add(Buffer.from(spelled).toString('latin1'));
    if (isLatin1(spelled)) forms.add(ofForm(encodedLatin1(spelled)));
  }
  return forms;
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function isLatin1(text: string): boolean {
  return /^[\0-\xff]*$/.test(text);
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

const beyondAscii = /[\u007f-\uffff]/g;

/** As Python's `json.dumps` and others write it. */
function asciiEscaped(text: string): string {
  return escaped(text).replace(beyondAscii, unicodeEscaped);
}

/** Go escapes in JSON what a page could take for its own. */
function unicodeEscaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Spaces in a form that is sent. */
function ofForm(text: string): string {
  return text.replaceAll(' ', '+');
}

/** With `%xx` that is not UTF-8. */
function encodedLatin1(text: string): string {
  return text.replace(beyondAscii, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Programs differ in what they write of a quote, and of letters that are not ASCII. */
function ofPages(text: string): readonly string[] {
  const quotes = text.includes("'") ? ['&#39;', '&#x27;', '&apos;', '\u2019'] : [''];
  const plain = quotes.map((quote) => xmlEscaped(text).replaceAll("'", quote));
  if (isAscii(text)) return plain;
  const codes: ((code: number) => string)[] = [
    (code) => `&#${code};`,
    (code) => `&#x${code.toString(16)};`,
    (code) => `&#x${code.toString(16).toUpperCase()};`,
    (code) => namedEntities.get(code) ?? String.fromCodePoint(code),
  ];
  const coded = codes.flatMap((written) =>
    plain.map((one) => one.replace(/[\u007f-\u{10ffff}]/gu, (letter) => written(letter.codePointAt(0) as number))),
  );
  return [...plain, ...coded];
}

function xmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Those of the letters of Latin 1, which stand in it in this order from U+00C0 on. */
const latin1Letters =
  'Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve ' +
  'Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring ' +
  'aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ' +
  'ugrave uacute ucirc uuml yacute thorn yuml';

const namedEntities: ReadonlyMap<number, string> = new Map(
  latin1Letters.split(' ').map((name, place) => [0xc0 + place, `&${name};`]),
);
