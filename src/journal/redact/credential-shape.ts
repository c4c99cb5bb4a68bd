// Finds what has the form of a credential, anywhere in a text. A text is searched by three characters that one begins with, so
// that how many forms there are costs nothing; lookaheads are bounded, so matching takes time linear in the text.
import type { CredentialKind } from './credential/credential-kind.ts';
import { providerKeys, surroundedKeys } from './credential/provider-keys.ts';
import { isInBody64 } from './find/encoded-run.ts';

/** Where one may begin: not inside of a word, unless that is the letter of an escape (`\\n`) or the digits of one (`%20`). */
const start = String.raw`(?:\b|(?<=\\[nrtbf])|(?<=\\u[\da-fA-F]{4})|(?<=%[\da-fA-F]{2}))`;

interface Shape {
  readonly kind: CredentialKind;
  readonly source: string;
  /** What one may begin with, the longest first. */
  readonly begins: readonly string[];
}

/**
 * What follows in a mark of one (credential-mark.ts). Those who look for leaked keys in repositories take none for a key: no key
 * has a full stop so early.
 */
const markedRest = String.raw`(?:redacted|REDACTED)\.0\d+`;

/** One that stands at a place. */
interface PlacedShape {
  readonly kind: CredentialKind;
  readonly at: RegExp;
}

const beginningLength = 3;
const beginningCount = 2 ** 14;
const byBeginning = new Map<string, PlacedShape[]>();
/** A hash of the first three characters: at nearly every place in a text there are others. */
const isBeginning = new Uint8Array(beginningCount);
const shapes: Shape[] = [];

for (const { kind, begins, rest } of providerKeys) {
  const source = `(?:${begins.map(escaped).join('|')})(?:${markedRest}|${rest})`;
  shapes.push({ kind, source, begins: begins.toSorted((one, other) => other.length - one.length) });
  const placed = { kind, at: new RegExp(start + source, 'y') };
  for (const beginning of new Set(begins.flatMap(searched))) {
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), placed]);
    isBeginning[beginningAt(beginning, 0)] = 1;
  }
}

function escaped(text: string): string {
  return text.replace(/[.$*+?^()[\]{}|\\/-]/g, '\\$&');
}

/** A shorter one is followed by a digit in hexadecimal. */
function searched(beginning: string): readonly string[] {
  return beginning.length >= beginningLength
    ? [beginning.slice(0, beginningLength)]
    : [...'0123456789abcdef'].map((digit) => beginning + digit);
}

function beginningAt(text: string, index: number): number {
  const hash = text.charCodeAt(index) * 961 + text.charCodeAt(index + 1) * 31 + text.charCodeAt(index + 2);
  return hash & (beginningCount - 1);
}

const surrounded = surroundedKeys.map(({ kind, hint, source }) => ({ kind, hint, form: new RegExp(source, 'g') }));
const surroundings = new RegExp(surroundedKeys.map(({ hint }) => escaped(hint)).join('|'));
const wholeShapes = [...surroundedKeys.map((one) => ({ ...one, begins: [] })), ...shapes].map(
  ({ kind, source, begins }: Shape) => ({ kind, begins, whole: new RegExp(`^(?:${source})$`) }),
);

/** No shape has fewer characters in a row of these, so only every so many places are looked at. */
const runLengthMin = 10;
const inRun = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:~$+=')
  inRun[character.charCodeAt(0)] = 1;

interface Found {
  readonly kind: CredentialKind;
  readonly start: number;
  readonly end: number;
}

/** Calls back with each that stands in the text, in order, until that is enough. */
function findShapes(text: string, isEnough: (found: Found) => boolean): void {
  let passed = 0;
  for (let place = runLengthMin - 1; place < text.length; place += runLengthMin) {
    if (inRun[text.charCodeAt(place)] !== 1) continue;
    let index = place;
    while (index > passed && inRun[text.charCodeAt(index - 1)] === 1) index -= 1;
    let end = place + 1;
    while (inRun[text.charCodeAt(end)] === 1) end += 1;
    if (end - index >= runLengthMin)
      while (index <= end - beginningLength) {
        const found = isBeginning[beginningAt(text, index)] === 0 ? undefined : shapeAt(text, index);
        if (found !== undefined && !isInBody64(text, found.start, found.end) && isEnough(found)) return;
        index = found?.end ?? index + 1;
      }
    passed = Math.max(end, index);
    while (place + runLengthMin < passed) place += runLengthMin;
  }
}

function shapeAt(text: string, index: number): Found | undefined {
  const placed = byBeginning.get(text.slice(index, index + beginningLength));
  if (placed === undefined) return undefined;
  for (const { kind, at } of placed) {
    at.lastIndex = index;
    const match = at.exec(text);
    if (match !== null) return { kind, start: index, end: at.lastIndex };
  }
  return undefined;
}

export function hasShape(text: string): boolean {
  let isThere = false;
  findShapes(text, () => {
    isThere = true;
    return true;
  });
  if (isThere || !surroundings.test(text)) return isThere;
  return surrounded.some(({ hint, form }) => text.includes(hint) && text.search(form) >= 0);
}

/** The text with everything of a known shape replaced. */
export function replaceShapes(text: string, replace: (kind: CredentialKind, found: string) => string): string {
  let given = text;
  for (const { kind, hint, form } of surrounded)
    if (given.includes(hint)) given = given.replace(form, (found: string) => replace(kind, found));
  let replaced = '';
  let copied = 0;
  findShapes(given, ({ kind, start: first, end }) => {
    replaced += given.slice(copied, first) + replace(kind, given.slice(first, end));
    copied = end;
    return false;
  });
  return copied === 0 ? given : replaced + given.slice(copied);
}

/** The kind of a text that has a known shape as a whole. */
export function shapeKind(text: string): CredentialKind | undefined {
  return wholeShapes.find(({ whole }) => whole.test(text))?.kind;
}

/** What the issuer of a key has it begin with, if a mark that begins so would be found in a text. */
export function issuerBeginning(text: string): string | undefined {
  const begins = wholeShapes.find(({ whole }) => whole.test(text))?.begins ?? [];
  return begins.find((beginning) => beginning.length >= beginningLength && text.startsWith(beginning));
}

/** What any key of a known issuer may begin with, the longest first. */
export const issuerBeginnings: readonly string[] = shapes
  .flatMap(({ begins }) => begins)
  .toSorted((one, other) => other.length - one.length);
