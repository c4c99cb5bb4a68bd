// Where an answer repeats credentials of its own request. A store keeps such an answer as it came, since a resumed run needs it,
// and its request without them. The places say what of the answer is secret, wherever else it stands.
//   P1. No place holds a secret: each is read from the answer itself.
//   P2. One for each credential. Where a text was changed, its places are looked for again, by what stood there.
import { errorParts } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { AnswerFacts, RepeatedCredential } from '../../answer-facts.ts';
import type { EffectOutcome, Entry, OutcomeFacts } from '../../entry.ts';
import { isRecordValue, ownField } from '../../record-value.ts';
import type { CredentialKind } from '../credential/credential-kind.ts';
import { fromPage, fromScript, pageNames } from './escaped-text.ts';

interface Credential {
  readonly kind: CredentialKind;
  readonly secret: string;
}

interface Answered {
  readonly outcome: EffectOutcome;
  readonly facts: OutcomeFacts;
}

/** Shorter ones stand in other words too. */
export const repeatedLengthMin = 8;
/** An answer that repeats more is no answer to one request. */
export const repeatedCountMax = 64;
export const pathLengthMax = 32;

type Encoding = NonNullable<RepeatedCredential['encoded']>['as'];
export const encodings: readonly Encoding[] = ['json', 'percent', 'page', 'base64'];

/** The answer with the places at which it repeats credentials of its request. */
export function withRepeats<Given extends Answered>(given: Given, credentials: readonly Credential[]): Given {
  if (credentials.length === 0) return given;
  const { outcome, facts } = given;
  const repeats = placesOf(credentials, outcome, facts.answer);
  if (repeats.length === 0) return given;
  return { ...given, facts: { ...facts, answer: { headers: [], ...facts.answer, repeats } } };
}

/** What stands at the places of an entry. `outcome`: only those in what is compared. */
export function repeatedIn(entry: Entry, part: 'outcome' | 'all' = 'all'): readonly Credential[] {
  const { outcome, answer } = answerOf(entry);
  if (answer?.repeats === undefined) return [];
  const root = rootOf(outcome, part === 'all' ? answer : undefined);
  return answer.repeats.flatMap((place) => {
    const secret = secretAt(root, place);
    return secret === undefined || secret.length < repeatedLengthMin ? [] : [{ kind: place.kind, secret }];
  });
}

/** A changed entry with the places that fit it. `before`: as it was. */
export function withFittingRepeats<Given extends Entry>(entry: Given, before: Entry): Given {
  if (entry === before || answerOf(before).answer?.repeats === undefined) return entry;
  const { outcome, answer } = answerOf(withoutRepeats(entry));
  const repeats = placesOf(repeatedIn(before), outcome, answer);
  return repeats.length === 0 ? withoutRepeats(entry) : withAnswer(entry, { headers: [], ...answer, repeats });
}

/** For a fixture, which holds no credential. */
export function withoutRepeats<Given extends Entry>(entry: Given): Given {
  const { answer } = answerOf(entry);
  if (answer?.repeats === undefined) return entry;
  const { repeats: _repeats, ...rest } = answer;
  return withAnswer(entry, rest);
}

function withAnswer<Given extends Entry>(entry: Given, answer: AnswerFacts): Given {
  return { ...entry, observed: { ...entry.observed, answer } };
}

function answerOf(entry: Entry): { readonly outcome?: EffectOutcome; readonly answer?: AnswerFacts } {
  if (entry.kind !== 'effect' && entry.kind !== 'pooled' && entry.kind !== 'begin') return {};
  const { outcome, observed } = entry;
  return {
    ...(outcome === undefined ? {} : { outcome }),
    ...(observed.answer === undefined ? {} : { answer: observed.answer }),
  };
}

type Path = readonly (string | number)[];
type Root = readonly (readonly [string, Value])[];

/** What is compared comes first, so that it is found there. */
function rootOf(outcome: EffectOutcome | undefined, answer: AnswerFacts | undefined): Root {
  const root: [string, Value][] = [];
  if (outcome?.kind === 'value') root.push(['value', outcome.value]);
  else if (outcome !== undefined) root.push(['error', outcome.error]);
  if (answer !== undefined) root.push(['answer', answer as unknown as Value]);
  return root;
}

function placesOf(
  credentials: readonly Credential[],
  outcome: EffectOutcome | undefined,
  answer: AnswerFacts | undefined,
): readonly RepeatedCredential[] {
  if (credentials.length === 0) return [];
  const texts: [Path, string | Uint8Array][] = [];
  for (const [name, value] of rootOf(outcome, answer))
    eachText(value, [name], (path, text) => texts.push([path, text]));
  const places: RepeatedCredential[] = [];
  for (const { kind, secret } of credentials) {
    const place = plainPlace(texts, secret) ?? encodedPlace(texts, secret);
    if (place !== undefined && places.length < repeatedCountMax) places.push({ kind, ...place });
  }
  return places;
}

type Place = Omit<RepeatedCredential, 'kind'>;
type Texts = readonly (readonly [Path, string | Uint8Array])[];

function plainPlace(texts: Texts, secret: string): Place | undefined {
  for (const [path, text] of texts) {
    const start = indexIn(text, secret);
    if (start >= 0) return { in: path, start, length: lengthIn(text, secret) };
  }
  return undefined;
}

function encodedPlace(texts: Texts, secret: string): Place | undefined {
  const spellings = new Spellings(secret);
  const inBase64 = [0, 1, 2].flatMap((offset) => base64Forms(secret, offset));
  for (const [path, text] of texts)
    for (const encoded of [...spelledIn(text, spellings), ...inBase64.map((form) => found64(text, form))]) {
      if (encoded === undefined) continue;
      const { offset, ...stretch } = encoded;
      const place = { in: path, start: offset, length: secret.length, encoded: stretch };
      if (secretIn(text, place) === secret) return place;
    }
  return undefined;
}

type Encoded = NonNullable<RepeatedCredential['encoded']> & {
  /** Where it begins in what that decodes to. */
  readonly offset: number;
};

/** As long as what one character becomes at most, such as `%25` before each of four bytes. */
const spelledLengthMax = 24;
/** Where more stretches are like the anchor, no more are looked at. */
const anchorsMax = 256;

/** How programs spell a text inside of another: each of its characters as it is, or escaped. */
class Spellings {
  readonly #secret: string;
  /** Its longest stretch that nothing escapes. */
  readonly anchor: string;
  readonly before: number;
  #forms: readonly (readonly [Encoding, RegExp])[] | undefined;

  constructor(secret: string) {
    this.#secret = secret;
    const runs = [...secret.matchAll(/[A-Za-z\d]+/g)];
    const [longest] = runs.toSorted(({ 0: left }, { 0: right }) => right.length - left.length);
    this.anchor = longest?.[0] ?? '';
    this.before = longest?.index ?? 0;
  }

  get after(): number {
    return this.#secret.length - this.before - this.anchor.length;
  }

  /** Made where an answer holds the anchor: that takes longer than to look for it, and nearly none does. */
  get forms(): readonly (readonly [Encoding, RegExp])[] {
    this.#forms ??= [
      ['json', this.#form(inScript)],
      ['percent', this.#form(inLink)],
      ['page', this.#form(inPage)],
    ];
    return this.#forms;
  }

  #form(escaped: (character: string) => readonly string[]): RegExp {
    const characters = [...this.#secret].map((one) => `(?:${[literal(one), ...escaped(one)].join('|')})`);
    return new RegExp(characters.join(''), 'iu');
  }
}

function literal(character: string): string {
  return character.replace(/[^A-Za-z\d]/gu, (one) => `\\u{${(one.codePointAt(0) as number).toString(16)}}`);
}

function inScript(character: string): readonly string[] {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index).toString(16));
  const escaped = units.map((unit) => `\\\\(?:u${unit.padStart(4, '0')}|x${unit.padStart(2, '0')})`).join('');
  return /["\\/]/.test(character) ? [escaped, `\\\\${literal(character)}`] : [escaped];
}

/** Once, or as a part of another link. */
function inLink(character: string): readonly string[] {
  return [[...Buffer.from(character)].map((byte) => `%(?:25){0,2}${byte.toString(16).padStart(2, '0')}`).join('')];
}

function inPage(character: string): readonly string[] {
  const code = character.codePointAt(0) as number;
  const name = pageNames.get(character);
  return [`&#0*${code};`, `&#x0*${code.toString(16)};`, ...(name === undefined ? [] : [name])];
}

function spelledIn(text: string | Uint8Array, spellings: Spellings): readonly Encoded[] {
  const { anchor, before, after } = spellings;
  if (anchor === '') return [];
  const found: Encoded[] = [];
  let at = indexIn(text, anchor);
  for (let count = 0; at >= 0 && count < anchorsMax; count += 1) {
    const from = Math.max(0, at - before * spelledLengthMax);
    const window = asciiSlice(text, from, at + anchor.length + after * spelledLengthMax);
    for (const [as, form] of spellings.forms) {
      const match = form.exec(window);
      if (match !== null) found.push({ as, start: from + match.index, length: match[0].length, offset: 0 });
    }
    if (found.length > 0) return found;
    at = indexIn(text, anchor, at + 1);
  }
  return found;
}

/** In bytes, a character each. */
function asciiSlice(text: string | Uint8Array, start: number, end: number): string {
  return typeof text === 'string' ? text.slice(start, end) : bufferOf(text).toString('latin1', start, end);
}

function found64(text: string | Uint8Array, { text: core, before, after, offset }: Form64): Encoded | undefined {
  const start = indexIn(text, core) - before;
  return start < -before || start < 0
    ? undefined
    : { as: 'base64', start, length: before + lengthIn(text, core) + after, offset };
}

const bitsOf64 = 6;

interface Form64 {
  readonly text: string;
  /** What is decoded with it, on either side. */
  readonly before: number;
  readonly after: number;
  /** Where it begins in what that decodes to. */
  readonly offset: number;
}

/** What the secret alone decides of the base64 of a text that holds it, behind so many bytes of a group. */
function base64Forms(secret: string, offset: number): readonly Form64[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const encoded = bytes.toString('base64').replace(/=+$/, '');
  const before = Math.ceil((offset * 8) / bitsOf64);
  const core = encoded.slice(before, Math.floor((bytes.length * 8) / bitsOf64));
  const after = encoded.length - before - core.length;
  const texts = new Set([core, core.replaceAll('+', '-').replaceAll('/', '_')]);
  return [...texts].map((text) => ({ text, before, after, offset }));
}

/** In bytes a place counts those of UTF-8. */
function indexIn(text: string | Uint8Array, part: string, from = 0): number {
  return typeof text === 'string' ? text.indexOf(part, from) : bufferOf(text).indexOf(part, from);
}

function lengthIn(text: string | Uint8Array, part: string): number {
  return typeof text === 'string' ? part.length : Buffer.byteLength(part);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function secretAt(root: Root, place: RepeatedCredential): string | undefined {
  const [name, ...path] = place.in;
  let value: Value = root.find(([each]) => each === name)?.[1];
  for (const step of path) value = below(value, step);
  return typeof value === 'string' || value instanceof Uint8Array ? secretIn(value, place) : undefined;
}

/** What stands at a place; undefined if the place is not in the text. */
function secretIn(text: string | Uint8Array, { start, length, encoded }: Place): string | undefined {
  if (encoded === undefined) return sliceOf(text, start, length);
  const slice = sliceOf(text, encoded.start, encoded.length);
  return slice === undefined ? undefined : decodedSlice(slice, encoded.as, start, length);
}

function sliceOf(text: string | Uint8Array, start: number, length: number): string | undefined {
  if (start + length > text.length) return undefined;
  return typeof text === 'string'
    ? text.slice(start, start + length)
    : bufferOf(text).toString('utf8', start, start + length);
}

/** `start` counts the bytes before it in base64, where these may be a part of a character. */
function decodedSlice(slice: string, as: Encoding, start: number, length: number): string | undefined {
  if (as === 'base64') return Buffer.from(slice, 'base64').subarray(start).toString().slice(0, length);
  let text = decodedText(slice, as);
  while (as === 'percent' && text !== undefined && text.length > start + length && text.includes('%'))
    text = decodedText(text, as);
  return text?.slice(start, start + length);
}

function decodedText(text: string, as: Exclude<Encoding, 'base64'>): string | undefined {
  if (as !== 'percent') return as === 'json' ? fromScript(text) : fromPage(text);
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function below(value: Value, step: string | number): Value {
  if (Array.isArray(value)) return typeof step === 'number' ? (value as readonly Value[])[step] : undefined;
  if (typeof step === 'number' || value === undefined) return undefined;
  const record = value instanceof Error ? partsOf(value) : value;
  return isRecordValue(record) ? ownField(record, step) : undefined;
}

/** What an error holds, without its own name for each of them. */
function partsOf(error: Error): Value {
  const { message, fields, own, cause } = errorParts(error);
  return { message, fields, own, ...(cause === undefined ? {} : { cause }) };
}

/** The texts and the bytes of a value. What a map or a set holds is passed over: no answer has any. */
function eachText(value: Value, path: Path, found: (path: Path, text: string | Uint8Array) => void): void {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    if (value.length >= repeatedLengthMin) found(path, value);
    return;
  }
  if (typeof value !== 'object' || value === null || path.length >= pathLengthMax) return;
  const held = value instanceof Error ? partsOf(value) : value;
  if (Array.isArray(held)) for (const [index, item] of held.entries()) eachText(item as Value, [...path, index], found);
  else if (isRecordValue(held)) for (const [key, item] of Object.entries(held)) eachText(item, [...path, key], found);
}
