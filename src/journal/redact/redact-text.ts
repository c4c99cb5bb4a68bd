// Credentials inside a text: JSON fields by name (at any depth of escaping, so also in the arguments of a tool call and
// in server-sent events), parameters of links, `Bearer …`, links with a password, and all known shapes. The text around
// them stays as it is, byte for byte.
import { credentialKind } from './credential-name.ts';
import type { CredentialKind } from './credential-name.ts';
import { hasShape, replaceShapes } from './credential-shape.ts';

/** Decides what replaces a credential. `found` may be a mark from an earlier redaction. */
export interface Marker {
  mark(kind: CredentialKind, found: string): string;
  /** Completes a text whose credentials have been replaced. */
  finish(text: string): string;
}

const markShape = /^\[redacted:[a-z-]+(?:#\d+)?\]$/;

export function isMark(text: string): boolean {
  return text.startsWith('[redacted:') && markShape.test(text);
}

/** No shorter text can hold a credential that its surroundings or its shape give away. */
const textLengthMin = 8;

export function redactText(text: string, marker: Marker): string {
  if (text.length < textLengthMin) return text;
  let redacted = text;
  if (text.includes('"')) redacted = redactJsonFields(redacted, marker);
  if (text.includes('=')) redacted = redactParameters(redacted, marker);
  if (text.includes('://')) redacted = redactLinkPasswords(redacted, marker);
  if (hasBearer.test(redacted)) redacted = redactBearer(redacted, marker);
  if (hasBasic.test(redacted)) redacted = redactBasic(redacted, marker);
  if (hasShape(redacted)) redacted = redactShapes(redacted, marker);
  return marker.finish(redacted);
}

function redactShapes(text: string, marker: Marker): string {
  return replaceShapes(text, (kind, found) => marker.mark(kind, found));
}

/** The value of a field whose name announces a credential. */
export function redactNamed(kind: CredentialKind, value: string, marker: Marker): string {
  if (value === '') return value;
  if (kind !== 'authorization') return marker.mark(kind, value);
  const scheme = /^([A-Za-z][\w-]{2,31})\s+(\S[\s\S]*)$/.exec(value);
  if (scheme === null) return marker.mark(kind, value);
  return `${scheme[1]} ${marker.mark(schemeKind(scheme[1] as string), scheme[2] as string)}`;
}

function schemeKind(scheme: string): CredentialKind {
  const name = scheme.toLowerCase();
  return name === 'bearer' || name === 'basic' ? name : 'authorization';
}

/** Any name that could announce a credential contains one of these. */
const nameHint = /auth|cookie|key|token|secret|credential|connection|pass|pwd/i;
/**
 * A name, its colon, and the quote (or number) that its value starts with, in JSON that is escaped as deep as `\1`
 * says.
 */
const jsonField = /(\\*)"([\w.-]{3,64})\1"\s{0,8}:\s{0,8}(?:\1"|(-?\d[\d.eE+-]{0,32}))/g;

function redactJsonFields(text: string, marker: Marker): string {
  if (!nameHint.test(text)) return text;
  let redacted = '';
  let copied = 0;
  jsonField.lastIndex = 0;
  for (let match = jsonField.exec(text); match !== null; match = jsonField.exec(text)) {
    const [whole, escaping, name, number] = match as unknown as [string, string, string, string | undefined];
    const kind = credentialKind(name, 'field');
    const start = match.index + whole.length;
    if (kind === undefined) {
      // The value may itself be the name of the next field: `"type":"password":` is not JSON.
      if (number === undefined) jsonField.lastIndex = start - 1 - escaping.length;
      continue;
    }
    if (number !== undefined) {
      redacted += `${text.slice(copied, start - number.length)}${escaping}"${marker.mark(kind, number)}${escaping}"`;
      copied = start;
      continue;
    }
    const end = endOfString(text, start, escaping.length);
    redacted += text.slice(copied, start) + redactNamed(kind, text.slice(start, end), marker);
    copied = end;
    jsonField.lastIndex = end;
  }
  return copied === 0 ? text : redacted + text.slice(copied);
}

/**
 * Finds the end of a string whose quotes have `escapes` backslashes before them (0, 1, 3, 7, … by depth): the first
 * quote with as many, not counting whole escaped backslashes. A truncated string ends with the line (JSON has no line
 * break inside a string) or with the text.
 */
function endOfString(text: string, start: number, escapes: number): number {
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  for (let quote = text.indexOf('"', start); quote >= 0 && quote < lineEnd; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (first > start && text[first - 1] === '\\') first -= 1;
    const count = quote - first;
    // Fewer than the string's own: the surrounding text ends here, so this string was truncated.
    if (count < escapes) return first;
    if (count % (2 * (escapes + 1)) === escapes) return quote - escapes;
  }
  return lineEnd;
}

const parameter = /(^|[?&;])([\w.~%-]{2,64})=(\[redacted:[a-z-]+(?:#\d+)?\]|[^&;#\s"'<>\\]+)/g;

function redactParameters(text: string, marker: Marker): string {
  if (!nameHint.test(text) && !/sig|hmac|x-amz|x-goog|assertion/i.test(text)) return text;
  return text.replace(parameter, (whole: string, before: string, name: string, value: string) => {
    const kind = credentialKind(name, before === '?' || before === '&' ? 'query' : 'field');
    return kind === undefined ? whole : `${before}${name}=${marker.mark(kind, value)}`;
  });
}

const linkPassword =
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'?#[\]\\]{0,256}:)(\[redacted:[a-z-]+(?:#\d+)?\]|[^\s/@"'?#\\]{1,256})(?=@)/gi;

function redactLinkPasswords(text: string, marker: Marker): string {
  return text.replace(linkPassword, (_whole, before: string, found: string) => before + marker.mark('password', found));
}

/** Requires a digit, so that "bearer authentication" stays what it is. */
const bearer = /(\bbearer\s{1,4})((?=\S{0,128}\d)[\w.~+/-]{12,}=*|\[redacted:[a-z-]+(?:#\d+)?\])/gi;
const basic = /(\bbasic\s{1,4})([A-Za-z0-9+/]{8,}={0,2}|\[redacted:[a-z-]+(?:#\d+)?\])/gi;

const hasBearer = /bearer\s/i;
const hasBasic = /basic\s/i;

function redactBearer(text: string, marker: Marker): string {
  return text.replace(bearer, (_whole, before: string, found: string) => before + marker.mark('bearer', found));
}

function redactBasic(text: string, marker: Marker): string {
  return text.replace(basic, (whole, before: string, found: string) =>
    isMark(found) || isUserAndPassword(found) ? before + marker.mark('basic', found) : whole,
  );
}

function isUserAndPassword(found: string): boolean {
  return found.length % 4 === 0 && /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(found, 'base64').toString('latin1'));
}
