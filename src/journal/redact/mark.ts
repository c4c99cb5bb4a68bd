// Marks: what stands in the place of a secret. A mark is made of its kind, a number and the form of what it replaces, never of
// the secret itself.
//   M1. Code looks at the form of values, so their marks keep it: an address stays one, a card its length and its check
//       digit, an id its length. Credentials: credential-mark.ts.
//   M2. What has no form to keep has the mark `[redacted:<kind>#<number>]`; in an address the sign before the number is
//       escaped, since it would end the address.
//   M3. A mark is recognised as one, so redacting twice changes nothing.
import { detectorNames, ibanRemainder, isDetected } from './find/detector.ts';
import type { DetectorName } from './find/detector.ts';
import { withCheckDigit } from './find/luhn.ts';

const plain = /^\[redacted:[a-z][\w-]*(?:(?:#|%23)\d+)?\]$/;
const word = /^[\w.:-]{0,24}(?:redacted|REDACTED)\.?0\d+$/;
const formed =
  /^(?:person(?:-\d+)?@redacted\.invalid|0{8}-0000-4000-8000-\d{12}|XX\d\d[ 0]*\d+|\+?[ ()./-]*0(?:[ ()./-]*0){2}[\d ()./-]*)$/;

export function isMark(text: string): boolean {
  return (text.startsWith('[redacted:') && plain.test(text)) || isFormed(text) || isWord(text);
}

function isFormed(text: string): boolean {
  const first = text.charCodeAt(0);
  // p, X, 0, + and (.
  const isLike = first === 112 || first === 88 || first === 48 || first === 43 || first === 40;
  return isLike && formed.test(text);
}

function isWord(text: string): boolean {
  return (text.includes('redacted') || text.includes('REDACTED')) && word.test(text);
}

export function plainMark(kind: string, number: number): string {
  return `[redacted:${kind}#${number}]`;
}

/** A mark as it stands in an address. */
export function inAddress(mark: string): string {
  return mark.startsWith('[redacted:') ? mark.replace('#', '%23') : mark;
}

/** A mark that was read from an address. */
export function fromAddress(text: string): string {
  return text.startsWith('[redacted:') ? text.replace('%23', '#') : text;
}

export function isDetectorKind(kind: string): kind is DetectorName {
  return (detectorNames as readonly string[]).includes(kind);
}

/** The kind of a text that a path or a function gave away as a whole: that of a detector if it looks like one. */
export function lookOf(text: string): DetectorName | undefined {
  return detectorNames.find((name) => isDetected(text, name));
}

/** The mark of a value that is no credential. */
export function formedMark(kind: string, number: number, found: string): string {
  switch (isDetectorKind(kind) ? kind : lookOf(found)) {
    case 'email':
      return `person-${number}@redacted.invalid`;
    case 'phone':
      return inForm(found, zeros(number, digitCount(found)));
    case 'card':
      return inForm(found, withCheckDigit(zeros(number, digitCount(found) - 1)));
    case 'iban':
      return ibanMark(number, found);
    case undefined:
      return idMark(number, found) ?? plainMark(kind, number);
  }
}

/**
 * What all texts have in common that are the same number, card or account, whatever stands between their digits. Other texts are
 * the same if they are equal.
 */
export function writtenNumber(kind: string, found: string): string {
  switch (kind) {
    case 'phone':
      return `phone ${digitsOf(found).replace(/^00(?=[1-9])/, '')}`;
    case 'card':
      return `card ${digitsOf(found)}`;
    case 'iban':
      return `iban ${found.replaceAll(' ', '').toUpperCase()}`;
    default:
      return found;
  }
}

const knownDigitsMin = 8;

/** The digits alone of a telephone number or a card, which are as secret as it is. */
export function secretDigits(kind: string, found: string): string | undefined {
  const digits = kind === 'phone' || kind === 'card' ? digitsOf(found) : '';
  return digits.length < knownDigitsMin ? undefined : digits;
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const idLengthMin = 12;
const digitsLengthMin = 6;

/** An id or a number keeps its length. Anything else is a text that nobody takes apart. */
function idMark(number: number, found: string): string | undefined {
  const digits = String(number);
  if (uuid.test(found)) return `00000000-0000-4000-8000-${zeros(number, 12)}`;
  if (/^\d+$/.test(found) && found.length >= digitsLengthMin) return zeros(number, found.length);
  const isId = found.length >= idLengthMin && found.length <= 128 && /^[\w.:/+=-]+$/.test(found) && /\d/.test(found);
  if (!isId || digits.length > found.length - 'redacted0'.length) return undefined;
  return `redacted${zeros(number, found.length - 'redacted'.length)}`;
}

function ibanMark(number: number, found: string): string {
  const account = zeros(number, found.replaceAll(' ', '').length - 4);
  const check = String(98 - ibanRemainder(`XX00${account}`)).padStart(2, '0');
  return spaced(found, `XX${check}${account}`);
}

function spaced(form: string, text: string): string {
  let next = 0;
  return form.replace(/[^ ]/g, () => text[next++] as string);
}

function zeros(number: number, length: number): string {
  return String(number).padStart(length, '0').slice(-length);
}

function digitCount(text: string): number {
  return digitsOf(text).length;
}

/** The digits in the places where the form has some. */
function inForm(form: string, digits: string): string {
  let next = 0;
  return form.replace(/\d/g, () => digits[next++] as string);
}

/** A number in the place of a number. */
export function numberMark(number: number, found: number | bigint): number | bigint {
  return typeof found === 'bigint' ? BigInt(number) : number;
}

const numbered =
  /(\[redacted:(?:api-key|authorization|basic|bearer|cookie|jwt|password|private-key|secret|signature|token))(?:#|%23)\d+\]/g;

/** A text in which credentials are marked by their kind alone, as in requests. */
export function withoutNumbers(text: string): string {
  return text.includes('[redacted:') ? text.replace(numbered, '$1]') : text;
}

/** Everything that is recognised as a mark inside of a text. */
export const marksInText =
  /\[redacted:[a-z][\w-]*(?:(?:#|%23)\d+)?\]|person(?:-\d+)?@redacted\.invalid|(?:redacted|REDACTED)\.?0\d+/g;

const numbersInText =
  /\[redacted:[a-z][\w-]*(?:#|%23)(\d+)\]|person-(\d+)@redacted\.invalid|(?:redacted|REDACTED)\.?0+(\d+)/g;

/** The numbers of the marks in a text. */
export function markNumbers(text: string): readonly number[] {
  return [...text.matchAll(numbersInText)].map(([, one, other, third]) => Number(one ?? other ?? third));
}
