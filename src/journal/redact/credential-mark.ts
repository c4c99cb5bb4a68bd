// Marks of credentials in the form that code looks at: a prefix that it checks, a length, a word that stands in an address as it
// is. A secret without a form has the mark `[redacted:<kind>#<number>]`.
//   F1. A mark has the shape of what it replaces (credential-shape.ts), so in a request it is found again as one.
//   F2. A web token keeps its header and its claims, which are no secret without the signature, and a key in PEM its frame.
import { issuerBeginning, issuerBeginnings, shapeKind } from './credential-shape.ts';
import { isMark, plainMark } from './mark.ts';

/**
 * What issuers begin their keys with. Left out are those whose keys are nothing but this and some characters: those who look
 * for leaked keys in repositories would take the mark for one, and refuse the fixture. A mark of theirs has a full stop in it.
 */
const prefixes = 'sk-(?:ant|proj|or|svcacct|lf)-|sk-|AKIA|ASIA|gh[pousr]_|github_pat_|x(?:ox[a-z]|app)-';
const prefix = new RegExp(`^(?:${prefixes})`);
const anyPrefix = [prefixes, ...issuerBeginnings.map((beginning) => beginning.replace(/[.$+]/g, '\\$&'))].join('|');
const wordsInText = new RegExp(`(?:${anyPrefix})?(?:redacted|REDACTED)\\.?0\\d+`, 'g');

/** A mark in the form of a word says neither its kind nor, in another run, which secret it is. */
export function withoutWords(text: string): string {
  return text.replace(wordsInText, '[redacted:credential]');
}

const wordLengthMin = 10;
const wordLengthMax = 512;

export function credentialMark(kind: string, number: number, found: string): string {
  const shape = shapeKind(found);
  if (shape !== undefined) {
    const [plain] = prefix.exec(found) ?? [];
    const beginning = plain ?? issuerBeginning(found);
    if (beginning === undefined) return plainMark(shape, number);
    const mark = beginning + word(number, found.slice(beginning.length), plain === undefined ? '.' : '');
    return shapeKind(mark) === shape && isMark(mark) ? mark : plainMark(shape, number);
  }
  return isOneWord(found) ? word(number, found) : plainMark(kind, number);
}

/** Of the same length, unless that is too short for the number. */
function word(number: number, found: string, sign: '.' | '' = ''): string {
  const begun = `${/[a-z]/.test(found) ? 'redacted' : 'REDACTED'}${sign}0`;
  return begun + String(number).padStart(Math.max(found.length, wordLengthMin) - begun.length, '0');
}

/** What nobody reads as a word of the text around it. */
function isOneWord(found: string): boolean {
  return (
    found.length >= 6 &&
    found.length <= wordLengthMax &&
    /^\S+$/.test(found) &&
    /\d/.test(found) &&
    /[a-z]/i.test(found) &&
    !/redacted/i.test(found)
  );
}

/** A piece of a credential that is secret in part. */
interface Piece {
  readonly text: string;
  readonly is: 'secret' | 'frame';
}

export interface PiecedCredential {
  readonly kind: 'jwt' | 'private-key';
  readonly pieces: readonly Piece[];
}

/** A credential in pieces, if it is a web token or a key in PEM that is read as one. */
export function inPieces(text: string): PiecedCredential | undefined {
  if (text.startsWith('eyJ')) return tokenInPieces(text);
  return text.startsWith('-----BEGIN ') ? keyInPieces(text) : undefined;
}

const signatureLengthMin = 8;

/** Signed, in three segments, or encrypted, in five. */
function tokenInPieces(text: string): PiecedCredential | undefined {
  const segments = text.split('.');
  const secret = segments.length === 3 ? [2] : segments.length === 5 ? [1, 3] : [];
  const [header = '', claims = ''] = segments;
  const last = segments[secret.at(-1) ?? 0] as string;
  if (secret.length === 0 || last.length < signatureLengthMin || !/^[\w.-]+$/.test(text)) return undefined;
  if (!isJson(header) || (segments.length === 3 && !isJson(claims))) return undefined;
  const pieces = segments.flatMap((segment, index): readonly Piece[] => [
    ...(index === 0 ? [] : [{ text: '.', is: 'frame' } as const]),
    { text: segment, is: secret.includes(index) ? 'secret' : 'frame' },
  ]);
  return { kind: 'jwt', pieces };
}

function isJson(segment: string): boolean {
  try {
    return typeof JSON.parse(Buffer.from(segment, 'base64url').toString()) === 'object';
  } catch {
    return false;
  }
}

/** Line breaks may be escaped. */
const pem =
  /^(-----BEGIN [A-Z\d ]+-----)((?:\\+[nr]|\s)+)([\s\S]+?)((?:\\+[nr]|\s)+)(-----END [A-Z\d ]+-----(?:\\+[nr]|\s)*)$/;

function keyInPieces(text: string): PiecedCredential | undefined {
  const [, begin, first, body, last, end] = pem.exec(text) ?? [];
  if (body === undefined) return undefined;
  const frame = (given: string | undefined): Piece => ({ text: given ?? '', is: 'frame' });
  const secret: Piece = { text: body.replace(/\\+[nr]|\s/g, ''), is: 'secret' };
  return { kind: 'private-key', pieces: [frame(begin), frame(first), secret, frame(last), frame(end)] };
}

/** Whether a text is a mark, or has marks where its secrets were. */
export function isMarked(text: string): boolean {
  const pieced = inPieces(text);
  return pieced === undefined
    ? isMark(text)
    : pieced.pieces.every((piece) => piece.is !== 'secret' || piece.text === '' || isMark(piece.text));
}
