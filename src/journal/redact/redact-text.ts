// Secrets inside a text. Credentials: JSON fields by name (at any depth of escaping, so also in the arguments of a tool call and
// in server-sent events), parameters of links, `Bearer …`, links with a password, and all known shapes. The text around
// them stays as it is, byte for byte.
import type { CredentialKind } from './credential/credential-kind.ts';
import { announced, credentialKind } from './credential-name.ts';
import { hasShape, replaceShapes } from './credential-shape.ts';
import { nameHint, redactAssignments, redactUsers } from './find/assignment.ts';
import { cookieHint, redactColumns, redactConfigText, shellHint } from './find/config-text.ts';
import { detectorOrder, replaceDetected } from './find/detector.ts';
import type { DetectorName } from './find/detector.ts';
import { isUserAndPassword, redactCookie, redactPair64 } from './find/credential-parts.ts';
import { redactBase64 } from './find/encoded-run.ts';
import { redactEscaped } from './find/escaped-text.ts';
import type { KnownSecrets } from './find/known-secrets.ts';
import { fromAddress, inAddress, isMark } from './mark.ts';
import { partsHint, redactNamedTexts } from './named-parts.ts';
import type { Finder } from './rule/redaction-rules.ts';

/** Decides what replaces a secret. `found` may be a mark from an earlier redaction. */
export interface Marker {
  mark(kind: string, found: string): string;
  /** A credential that is made of parts keeps them: the name of a cookie, the user of a password. */
  readonly keepsParts?: true | undefined;
  /** Replaces what is secret as a whole, before anything in it is looked for. */
  begin?(text: string): string;
  /** Completes a text whose secrets have been replaced. */
  finish(text: string): string;
  /** What is looked for besides credentials. */
  readonly detect?: { readonly detectors: readonly DetectorName[]; readonly finders: readonly Finder[] } | undefined;
  /** Secrets that were found elsewhere. */
  readonly known?: KnownSecrets | undefined;
  /** Those of them in which something is secret by itself. */
  readonly wholes?: KnownSecrets | undefined;
}

/** No shorter text can hold a credential that its surroundings or its shape give away. */
const textLengthMin = 8;
/** What is packed more often than this is left packed. */
const layersMax = 3;

export function redactText(text: string, marker: Marker, layer = 0): string {
  if (text.length < textLengthMin) return text === '' ? text : marker.finish(redactDetected(text, marker));
  let redacted = marker.begin?.(text) ?? text;
  if (redacted.includes('"')) redacted = redactJsonFields(redacted, marker);
  if (redacted.includes('=')) redacted = redactParameters(redacted, marker);
  if (redacted.includes('://') && redacted.includes('@')) redacted = redactLinkPasswords(redacted, marker);
  if (hasBearer.test(redacted)) redacted = redactBearer(redacted, marker);
  if (hasBasic.test(redacted)) redacted = redactBasic(redacted, marker);
  const mark = (kind: CredentialKind, found: string): string => redactGiven(kind, found, marker);
  const mayName = nameHint.test(redacted);
  if (mayName) redacted = redactAssignments(redacted, mark);
  if (mayName || shellHint.test(redacted) || cookieHint.test(redacted)) {
    redacted = redactConfigText(redacted, mark);
    redacted = redactColumns(redacted, mark);
  }
  if (partsHint.test(redacted)) redacted = redactNamedTexts(redacted, mark);
  redacted = redactUsers(redacted, mark);
  if (hasShape(redacted)) redacted = replaceShapes(redacted, mark);
  if (layer < layersMax) redacted = redactEncoded(redacted, marker, layer + 1);
  return marker.finish(redactDetected(redacted, marker));
}

function redactEncoded(text: string, marker: Marker, layer: number): string {
  const within = (decoded: string): string => redactText(decoded, marker, layer);
  return redactEscaped(redactBase64(text, within), within);
}

/** Without what a user's rules find. */
export function redactDetected(text: string, marker: Marker): string {
  const { detect } = marker;
  if (detect === undefined) return text;
  let redacted = text;
  for (const name of detectorOrder)
    if (detect.detectors.includes(name))
      redacted = replaceDetected(redacted, name, (found) => (isCovered(found) ? found : marker.mark(name, found)));
  for (const { name, find } of detect.finders)
    for (const found of find(redacted))
      if (found !== '' && !isMark(found)) redacted = redacted.replaceAll(found, () => marker.mark(name, found));
  return redacted;
}

/** A mark, also before the host of an address. */
function isCovered(found: string): boolean {
  return isMark(found) || (found.includes('@') && isMark(found.slice(0, found.indexOf('@'))));
}

/** The value of a field whose name announces a credential. */
export function redactNamed(kind: CredentialKind, value: string, marker: Marker): string {
  if (value === '') return value;
  if (kind === 'cookie' && marker.keepsParts) return redactCookie(value, (found) => marker.mark(kind, found));
  if (kind !== 'authorization') return marker.mark(kind, value);
  const scheme = /^([A-Za-z][\w-]{2,31})\s+(\S[\s\S]*)$/.exec(value);
  if (scheme === null) return marker.mark(kind, value);
  const [, way, given] = scheme as unknown as [string, string, string];
  const schemed = schemeKind(way);
  return `${way} ${schemed === 'basic' ? redactUserAndPassword(given, marker) : marker.mark(schemed, given)}`;
}

/** What stands behind the name of a credential in a text. */
export function redactGiven(kind: CredentialKind, found: string, marker: Marker): string {
  if (marker.keepsParts !== true) return marker.mark(kind, found);
  if (kind === 'cookie' || (kind === 'authorization' && hasBasic.test(found))) return redactNamed(kind, found, marker);
  if (kind === 'basic') return redactUserAndPassword(found, marker);
  return kind === 'authorization' ? redactUserAndPassword(found, marker, kind) : marker.mark(kind, found);
}

/** Basic authentication: base64 of `user:password`. */
function redactUserAndPassword(found: string, marker: Marker, kind: CredentialKind = 'basic'): string {
  const mark = (secret: string): string => marker.mark(kind, secret);
  return (marker.keepsParts ? redactPair64(found, mark) : undefined) ?? mark(found);
}

function schemeKind(scheme: string): CredentialKind {
  const name = scheme.toLowerCase();
  return name === 'bearer' || name === 'basic' ? name : 'authorization';
}

/**
 * A name, its colon, and the quote (or number) that its value starts with, in JSON that is escaped as deep as `\1`
 * says.
 */
const jsonField = /(\\*)"([\w.-]{2,64})\1"\s{0,8}:\s{0,8}(?:\1"|(-?\d[\d.eE+-]{0,32}))/g;

function redactJsonFields(text: string, marker: Marker): string {
  if (!nameHint.test(text)) return text;
  let redacted = '';
  let copied = 0;
  jsonField.lastIndex = 0;
  for (let match = jsonField.exec(text); match !== null; match = jsonField.exec(text)) {
    const [whole, escaping, name, number] = match as unknown as [string, string, string, string | undefined];
    const start = match.index + whole.length;
    const mayBe = announced(name, 'field') !== undefined;
    const end = number === undefined && mayBe ? endOfString(text, start, escaping.length) : start;
    const kind = mayBe
      ? credentialKind(name, number === undefined ? text.slice(start, end) : Number(number), 'field')
      : undefined;
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

const parameter = /(^|[?&;#])([\w.~%-]{2,64})=(\[redacted:[a-z-]+(?:#\d+)?\]|[^&;#\s"'<>\\]+)/g;

function redactParameters(text: string, marker: Marker): string {
  if (!nameHint.test(text) && !/sig|hmac|x-amz|x-goog|assertion/i.test(text)) return text;
  return text.replace(parameter, (whole: string, before: string, name: string, value: string) => {
    const isQuery = before === '?' || before === '&' || before === '#';
    const found = fromAddress(value);
    const kind = credentialKind(name, found, isQuery ? 'query' : name === name.toUpperCase() ? 'variable' : 'field');
    if (kind === undefined) return whole;
    const mark = marker.mark(kind, found);
    return `${before}${name}=${before === '?' || before === '&' ? inAddress(mark) : mark}`;
  });
}

/** A token in the place of a user, as for git. */
const linkToken =
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/)(\[redacted:[a-z-]+(?:(?:#|%23)\d+)?\]|(?=\D{0,256}\d\D{0,256}\d)[\w.~+-]{16,256})(?=@)/gi;

const linkPassword =
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'?#[\]\\]{0,256}(?:@[^\s/:@"'?#[\]\\]{1,256})?:)(\[redacted:[a-z-]+(?:#\d+)?\]|[^\s/@"'?#\\]{1,256})(?=@)/gi;

function redactLinkPasswords(text: string, marker: Marker): string {
  const as =
    (kind: CredentialKind) =>
    (_whole: string, before: string, found: string): string =>
      before + inAddress(marker.mark(kind, fromAddress(found)));
  return text.replace(linkPassword, as('password')).replace(linkToken, as('token'));
}

/** Requires a digit, so that "bearer authentication" stays what it is. */
const bearer = /(\bbearer[ \t]{1,4})(eyJ[\w.-]{20,}|(?=\S{0,128}\d)[\w.~+/-]{12,}=*|\[redacted:[a-z-]+(?:#\d+)?\])/gi;
const basic = /(\bbasic[ \t]{1,4})([A-Za-z0-9+/]{8,}={0,2}|\[redacted:[a-z-]+(?:#\d+)?\])/gi;

const hasBearer = /bearer[ \t]/i;
const hasBasic = /basic[ \t]/i;

function redactBearer(text: string, marker: Marker): string {
  return text.replace(bearer, (_whole, before: string, found: string) => before + marker.mark('bearer', found));
}

function redactBasic(text: string, marker: Marker): string {
  return text.replace(basic, (whole, before: string, found: string) =>
    isMark(found) || isUserAndPassword(found) ? before + redactUserAndPassword(found, marker) : whole,
  );
}
