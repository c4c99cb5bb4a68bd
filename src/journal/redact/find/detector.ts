// Finds personal data by its form: what a user names in `redact: { values }`. A form alone says little, so each has a check
// besides: the Luhn sum of a card, the remainder of an IBAN, the number of digits of a telephone number.
import { checkedCard } from './luhn.ts';

export const detectorNames = ['email', 'phone', 'card', 'iban'] as const;
export type DetectorName = (typeof detectorNames)[number];

/** The order in which a text is searched: the groups of an IBAN may look like a card, and those of both like a phone number. */
export const detectorOrder: readonly DetectorName[] = ['email', 'iban', 'card', 'phone'];

/**
 * Where something may begin: not inside of a word, unless that is the letter of an escape (`\n` in JSON that is escaped) or
 * the digits of one (`%20`).
 */
const start = String.raw`(?:(?<![\w\\])|(?<=\\[nrtbf])|(?<=\\u[\da-fA-F]{4})|(?<=%[\da-fA-F]{2}))`;

/** A domain may have accents. */
const latin = String.raw`a-zA-Z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f`;
const email = new RegExp(
  String.raw`${start}[\w\u00a1-\uffff](?:[\w.%+\u00a1-\uffff-]{0,63})@(?:[${latin}\d](?:[${latin}\d-]{0,62})\.){1,8}[${latin}]{2,24}(?![\w@])`,
  'g',
);
/** `icon@2x.png`, `release@1.2.abc` and `git@host:path` are not addresses. */
const noAddress = /^git@|@\d+\.|\.(?:png|jpe?g|gif|svg|webp|avif|[jt]sx?|css|json|html|md|py)$/i;
const international = String.raw`\+[1-9](?:[ ().\/-]{0,2}\d){7,14}`;
const national = String.raw`(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}`;
const local = String.raw`0[1-9]\d{1,4}[ \/-]\d{3,}(?:[ -]\d{2,}){0,3}`;
/** Dialled with two zeros. With a third it is a mark. */
const dialled = String.raw`00[1-9](?:[ ().\/-]{0,2}\d){7,12}`;
/** As the links of messengers have it. */
const linked = String.raw`(?<=\bwa\.me\/|[?&]phone=(?:%2B)?)[1-9]\d{7,14}`;
const phone = new RegExp(
  String.raw`(?:(?:(?<![\w+.:/\\-])|(?<=\\[nrtbf])|(?<=tel:))(?:${international}|${national}|${dialled}|${local})|${linked})(?![\w-]|\.\d)`,
  'g',
);
const card = /(?:(?<![\w.+/\\-])|(?<=\\[nrtbf]))\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g;
const iban =
  /(?:(?<![\w\\])|(?<=\\[nrtbf]))(?:[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?|[a-z]{2}\d{2}(?: ?[a-z\d]{4}){2,7}(?: ?[a-z\d]{1,3})?)(?!\w)/g;

interface Detector {
  readonly form: RegExp;
  /** Nothing is searched in a text without this. */
  readonly hint: RegExp | string;
  readonly isOne: (found: string) => boolean;
  /** Where one ends, if words behind it have the same form. */
  readonly ownPart?: (found: string) => string;
}

export const detectors: { readonly [name in DetectorName]: Detector } = {
  email: { form: email, hint: '@', isOne: (found) => !noAddress.test(found) },
  phone: { form: phone, hint: /\d{3}/, isOne: isPhone },
  card: { form: card, hint: /\d{4}/, isOne: (found) => checkedCard(found) !== undefined },
  iban: { form: iban, hint: /[A-Z]{2}\d\d/i, isOne: isIban, ownPart: ownIban },
};

/** Replaces what a detector finds. */
export function replaceDetected(text: string, name: DetectorName, replace: (found: string) => string): string {
  const { form, hint, isOne, ownPart } = detectors[name];
  if (typeof hint === 'string' ? !text.includes(hint) : !hint.test(text)) return text;
  return text.replace(form, (match: string, place: number) => {
    const found = ownPart?.(match) ?? match;
    if (!isOne(found) || (name === 'email' && isAuthority(text, place, found))) return match;
    return replace(found) + match.slice(found.length);
  });
}

/** What may stand before the host of a link: a user and a password. */
const beforeHost = /:\/\/[^\s/?#"'<>\\]*$/;
const authorityLengthMax = 512;

/** Whether it is the end of a user and the host behind it, as in `https://ann@host.example/`. A user may be an email. */
function isAuthority(text: string, place: number, found: string): boolean {
  if (!beforeHost.test(text.slice(Math.max(0, place - authorityLengthMax), place))) return false;
  return !/^[^\s/?#"'<>\\]*@/.test(text.slice(place + found.length, place + found.length + authorityLengthMax));
}

/** Whether all of a text is one. */
export function isDetected(text: string, name: DetectorName): boolean {
  let isWhole = false;
  replaceDetected(text, name, (found) => {
    isWhole ||= found === text;
    return found;
  });
  return isWhole;
}

function isPhone(found: string): boolean {
  const digits = found.replace(/\D/g, '');
  // A fraction with a sign, and a date, have the same characters.
  const isNumber = /^\+\d\.\d+$/.test(found);
  return digits.length >= 8 && digits.length <= 15 && !isNumber;
}

/** The length of an IBAN, by country. */
const ibanLengths: { readonly [country: string]: number } = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  XK: 20,
};

/** Without a word of capitals, or an amount, that stands behind it. */
function ownIban(found: string): string {
  let left = ibanLengths[found.slice(0, 2).toUpperCase()] ?? 0;
  let end = 0;
  while (left > 0 && end < found.length) {
    if (found[end] !== ' ') left -= 1;
    end += 1;
  }
  const isWordEnd = end === found.length || found[end] === ' ';
  return isWordEnd ? found.slice(0, end) : found;
}

function isIban(found: string): boolean {
  const compact = found.replaceAll(' ', '').toUpperCase();
  return ibanLengths[compact.slice(0, 2)] === compact.length && ibanRemainder(compact) === 1;
}

/** ISO 7064: the remainder by 97, with letters as numbers and the first four characters last. */
export function ibanRemainder(compact: string): number {
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const digits = Number.parseInt(character, 36);
    remainder = (remainder * (digits > 9 ? 100 : 10) + digits) % 97;
  }
  return remainder;
}
