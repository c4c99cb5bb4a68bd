// Stretches of a text in base64, in both alphabets. They are decoded, redacted and encoded again, so a secret is found however
// it is packed with other text, and what unpacks it still can.
//   E1. A stretch without a secret stays as it is, byte for byte.
//   E2. Only what decodes to text, or to text in gzip, is looked at, so images and digests cost next to nothing.
//   E3. What is found among the letters of a long stretch, and not in what they stand for, is there by chance.
import { gunzipSync, gzipSync } from 'node:zlib';

const runLengthMin = 20;
const probeLength = 24;

/** By character code: whether it is of one of the two alphabets. */
const isDigit64 = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')
  isDigit64[character.charCodeAt(0)] = 1;

export function redactBase64(text: string, redact: (decoded: string) => string): string {
  return replaceRuns64(text, (run) => redactRun64(run, redact));
}

/** The text with what is encoded decoded, where that is a text for which `isMeant` holds. */
export function decodedBase64(text: string, isMeant: (decoded: string) => boolean): string {
  return replaceRuns64(text, (run) => {
    let meant: string | undefined;
    redactRun64(run, (decoded) => {
      if (isMeant(decoded)) meant = decoded;
      return decoded;
    });
    return meant ?? run;
  });
}

function replaceRuns64(text: string, replace: (run: string) => string): string {
  let redacted = '';
  let copied = 0;
  // A run covers one of these places, so nothing between them has to be looked at.
  for (let place = runLengthMin - 1; place < text.length; place += runLengthMin) {
    if (isDigit64[text.charCodeAt(place)] !== 1) continue;
    let start = place;
    while (start > copied && isDigit64[text.charCodeAt(start - 1)] === 1) start -= 1;
    let end = place + 1;
    while (isDigit64[text.charCodeAt(end)] === 1) end += 1;
    // The letter of an escape, as in `\n`.
    if (text[start - 1] === '\\') start += 1;
    for (let padding = 0; padding < 2 && text[end] === '='; padding += 1) end += 1;
    if (end - start >= runLengthMin) {
      const run = text.slice(start, end);
      const replaced = replace(run);
      const isSegment = text[start - 1] === '.' || text[end] === '.';
      const changed = isSegment && replaced !== run && !/[+/=]/.test(run) ? asSegment(replaced) : replaced;
      if (changed !== run) {
        redacted += text.slice(copied, start) + changed;
        copied = end;
      }
    }
    while (place + runLengthMin < end) place += runLengthMin;
  }
  return copied === 0 ? text : redacted + text.slice(copied);
}

/** Bodies are this long. Keys are not, and neither are paths or words that hold one. */
const bodyRunLengthMin = 512;
/** No key is as long. */
const keyLengthMax = 2048;

/** Of each alphabet, by character code. */
const alphabets = ['+/', '-_'].map((last) => {
  const isLetter = new Uint8Array(128);
  for (const character of `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${last}`)
    isLetter[character.charCodeAt(0)] = 1;
  return isLetter;
});

/** Whether what stands there is a part of a body in base64 (E3). */
export function isInBody64(text: string, start: number, end: number): boolean {
  return alphabets.some((isLetter) => {
    let last = start;
    while (last < end && isLetter[text.charCodeAt(last)] === 1) last += 1;
    if (last < end && !/^={1,2}$/.test(text.slice(last, end))) return false;
    let before = start;
    while (start - before < bodyRunLengthMin && isLetter[text.charCodeAt(before - 1)] === 1) before -= 1;
    let after = last;
    while (after - last < bodyRunLengthMin && isLetter[text.charCodeAt(after)] === 1) after += 1;
    const isWhole = before === start && after === last;
    return after - before >= (isWhole ? keyLengthMax : bodyRunLengthMin);
  });
}

/** The bytes of each body in base64, a character each; the text in which one is cut has to be cut at a group of four. */
export function bodies64(text: string): readonly string[] {
  const bodies: string[] = [];
  if (text.length < bodyRunLengthMin) return bodies;
  replaceRuns64(text, (run) => {
    if (run.length >= bodyRunLengthMin) bodies.push(Buffer.from(run, 'base64').toString('latin1'));
    return run;
  });
  return bodies;
}

/** As the segments of a token are encoded. */
function asSegment(encoded: string): string {
  return encoded.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function redactRun64(run: string, redact: (decoded: string) => string): string {
  if (run.startsWith(packedBeginning)) return redactPacked(run, redact);
  if (!isPrintable(Buffer.from(run.slice(0, probeLength), 'base64').toString('latin1'))) return run;
  const encoding = /[-_]/.test(run) ? 'base64url' : 'base64';
  const decoded = Buffer.from(run, 'base64').toString();
  if (decoded.includes('\ufffd') || !isPrintable(decoded)) return run;
  const isPadded = run.endsWith('=') || run.length % 4 === 0;
  const encode = (given: string): string => {
    const encoded = Buffer.from(given).toString(encoding);
    if (encoding === 'base64') return isPadded ? encoded : encoded.replace(/=+$/, '');
    return isPadded ? encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=') : encoded;
  };
  if (encode(decoded) !== run) return run;
  const redacted = redact(decoded);
  return redacted === decoded ? run : encode(redacted);
}

/** What gzip begins with. */
const packedBeginning = 'H4sI';
const unpackedBytesMax = 4 * 1024 * 1024;

function redactPacked(run: string, redact: (decoded: string) => string): string {
  let text: string;
  try {
    text = gunzipSync(Buffer.from(run, 'base64'), { maxOutputLength: unpackedBytesMax }).toString();
  } catch {
    return run;
  }
  const redacted = text.includes('\ufffd') ? text : redact(text);
  return redacted === text ? run : gzipSync(redacted).toString(/[-_]/.test(run) ? 'base64url' : 'base64');
}

function isPrintable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells bytes from text
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}
