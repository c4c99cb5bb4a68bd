// Redaction: secrets are replaced by marks from which nothing about them can be computed.
//   R1. The mark of a credential in a request states only its kind, so that a request with another credential is still the
//       same request.
//   R2. A mark elsewhere also has a number: one for each distinct secret, by first appearance.
//   R3. Redacting twice changes nothing.
//   R4. A value without secrets is returned as is, by identity.
//   R5. `redactRequest(redactValue(x)) = redactRequest(x)` for what a rule finds in both. So a redacted run replays: a
//       node that passes on a mark asks for what was recorded.
import { canonicalList, canonicalRecord, frozenBytes, isCanonical } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../record-value.ts';
import { mapParts } from '../value-map.ts';
import type { ValueMap } from '../value-map.ts';
import { redactBytes } from './binary.ts';
import { credentialMark, inPieces, withoutWords } from './credential-mark.ts';
import type { PiecedCredential } from './credential-mark.ts';
import { CleanTexts } from './clean-texts.ts';
import type { CredentialKind } from './credential/credential-kind.ts';
import { announced, credentialKind, isSure, pairedPlace, standInKind } from './credential-name.ts';
import type { NamePlace } from './credential-name.ts';
import { shapeKind } from './credential-shape.ts';
import { redactBase64 } from './find/encoded-run.ts';
import { replaceDetected } from './find/detector.ts';
import { KnownSecrets, knownLengthMin } from './find/known-secrets.ts';
import type { Reach } from './find/known-secrets.ts';
import { mayHold, redactEvents, redactSplit } from './find/split-text.ts';
import { formedMark, isMark, lookOf, numberMark, withoutNumbers } from './mark.ts';
import { redactNamedParts } from './named-parts.ts';
import { redactDetected, redactGiven, redactNamed, redactText } from './redact-text.ts';
import type { Marker } from './redact-text.ts';
import { credentialsAlone } from './rule/redaction-rules.ts';
import type { RedactionRules } from './rule/redaction-rules.ts';

interface Redactor extends Marker {
  /** Objects in which nothing was found. Undefined for what is seen once: remembering it costs more than looking. */
  readonly clean: WeakSet<object> | undefined;
  /** Texts in which nothing was found, where that never changes. */
  readonly cleanTexts?: CleanTexts;
  /** Keeps the number of what a rule found as a number. */
  readonly numberOf?: (kind: string, found: number | bigint) => Value;
}

const requestMarker: Redactor = {
  mark: (kind) => `[redacted:${kind}]`,
  finish: withoutNumbers,
  clean: new WeakSet(),
  cleanTexts: new CleanTexts(),
};

const madeRequestMarker: Redactor = { ...requestMarker, clean: undefined };

/**
 * A request with its credentials replaced by their kind (R1). Every request passes through it before it is compared or
 * kept.
 */
export function redactRequest(request: Value): Value {
  return redact(request, requestMarker);
}

/** The same for a request that was made of text just now, so that no part of it was redacted before. */
export function redactMadeRequest(request: Value): Value {
  return redact(request, madeRequestMarker);
}

/** One value of a header, a query or a form. */
export function redactPair(name: string, value: string, place: NamePlace): string {
  const kind = credentialKind(name, value, place) ?? standInKind(name, value, place);
  return kind === undefined ? redactText(value, requestMarker) : redactNamed(kind, value, requestMarker);
}

/** The credentials in a text or value that is not changed. */
export function credentialsIn(value: Value, found: (kind: string, secret: string) => void): void {
  redact(value, {
    mark(kind, secret) {
      if (!isMark(secret)) found(kind, secret);
      return `[redacted:${kind}]`;
    },
    finish: (text) => text,
    clean: undefined,
  });
}

/** What was replaced by which rule, and where. */
export type OnMark = (kind: string) => void;

const credentialKinds: ReadonlySet<string> = new Set([
  ...['api-key', 'authorization', 'basic', 'bearer', 'cookie', 'jwt', 'password', 'private-key', 'secret'],
  ...['signature', 'token'],
]);

/** The marks of one run: the same secret gets the same number wherever it stands. */
export class RedactionMarks implements Redactor {
  readonly rules: RedactionRules;
  readonly detect: Marker['detect'];
  readonly keepsParts = true;
  /** Secrets to look for in every further text, since no rule would find them there. */
  readonly known = new KnownSecrets();
  /** Called for each mark that is put. */
  onMark: OnMark | undefined;
  /** Called for each credential that is a short word and is left in a text. */
  onLeft: (() => void) | undefined;
  readonly #words = new KnownSecrets();
  readonly #marks = new Map<string, number>();
  readonly #kinds = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #numberBefore: number;
  clean = new WeakSet<object>();

  /** `numberBefore`: the highest number that marks of this run already have, if it was redacted before. */
  constructor(rules: RedactionRules = credentialsAlone, numberBefore = 0) {
    this.rules = rules;
    this.#numberBefore = numberBefore;
    const { detectors, finders } = rules;
    this.detect = detectors.length + finders.length === 0 ? undefined : { detectors, finders };
    this.learnTexts(rules);
  }

  protected learnTexts({ texts }: RedactionRules): void {
    for (const { name, text, isCased } of texts)
      if (text.length >= knownLengthMin) this.#learn(name, text, isCased ? 'as it is' : 'in any case');
  }

  /** How many distinct secrets were found. */
  get count(): number {
    return this.#marks.size;
  }

  mark(kind: string, found: string): string {
    // What a rule of a user's names is replaced as a whole.
    const pieced = credentialKinds.has(kind) && !this.#marks.has(found) ? inPieces(found) : undefined;
    if (pieced !== undefined) return this.#inPieces(pieced);
    if (isMark(found)) return this.finish(found);
    this.onMark?.(kind);
    return this.#learn(kind, found);
  }

  #inPieces({ kind, pieces }: PiecedCredential): string {
    const marked = pieces
      .map(({ text, is }) => (is === 'secret' && text !== '' ? this.mark(kind, text) : text))
      .join('');
    return kind === 'jwt' ? redactBase64(marked, (claims) => redactText(claims, this, 1)) : marked;
  }

  #learn(kind: string, found: string, cased: 'as it is' | 'in any case' = 'as it is'): string {
    const isCredential = credentialKinds.has(kind);
    const shown = isCredential ? (shapeKind(found) ?? kind) : kind;
    const family = isCredential ? 'credential' : (lookOf(found) ?? kind);
    let number = this.#marks.get(found);
    if (number === undefined) {
      number = (this.#counts.get(family) ?? this.#numberBefore) + 1;
      this.#counts.set(family, number);
      this.#marks.set(found, number);
      this.#kinds.set(found, kind);
    }
    const isSame = credentialKinds.has(this.#kinds.get(found) ?? kind) === isCredential;
    const mark = this.textOf(isSame ? shown : (this.#kinds.get(found) as string), number, found);
    const looked = isCredential ? formsOf(kind, found) : found.trim().length >= knownLengthMin ? [found] : [];
    for (const text of looked) {
      const reach = isCredential ? reachOf(text) : 'words';
      if (reach === 'whole') this.#words.add(text, '', 'words');
      if (this.known.add(text, mark, reach, cased)) this.clean = new WeakSet();
    }
    return mark;
  }

  /** Whether a credential is a short word: it is left where it stands in the text of something else. */
  get mayLeave(): boolean {
    return !this.#words.isEmpty;
  }

  /** What stands at a path that a rule names. */
  hide(value: Value): Value {
    switch (typeof value) {
      case 'string':
        return value === '' ? value : this.mark('path', value);
      case 'number':
      case 'bigint':
        return this.numberOf('path', value);
      case 'boolean':
        this.onMark?.('path');
        return false;
      default:
        break;
    }
    this.onMark?.('path');
    if (value instanceof Uint8Array) return frozenBytes(new Uint8Array(value.byteLength));
    return value instanceof Date ? new Date(0) : value;
  }

  numberOf(kind: string, found: number | bigint): Value {
    this.onMark?.(kind);
    const text = String(found);
    const key = `number ${text}`;
    let number = this.#marks.get(key);
    if (number === undefined) {
      number = (this.#counts.get('number') ?? 0) + 1;
      this.#counts.set('number', number);
      this.#marks.set(key, number);
      if (text.length >= numberLengthMin) this.#learn(kind, text);
    }
    return numberMark(number, found);
  }

  protected textOf(kind: string, number: number, found: string): string {
    return credentialKinds.has(kind) ? credentialMark(kind, number, found) : formedMark(kind, number, found);
  }

  finish(text: string): string {
    if (this.known.isEmpty) return text;
    const { onMark, onLeft } = this;
    if (onMark !== undefined) this.known.find(text, () => onMark('found elsewhere'));
    const replaced = this.known.replaceIn(text);
    if (onLeft !== undefined) this.#words.find(replaced, () => onLeft());
    return replaced;
  }
}

/** A shorter number is told from others of its kind by nothing. */
const numberLengthMin = 7;

/**
 * Marks for what is compared with a redacted run: nothing says which of its secrets one is, so they have no number. Marks
 * that the run was given keep theirs, unless they are those of another run.
 */
export class ComparedMarks extends RedactionMarks {
  readonly #given: 'own' | 'of another run';

  constructor(given: 'own' | 'of another run', rules: RedactionRules = credentialsAlone) {
    super(rules);
    this.#given = given;
  }

  override finish(text: string): string {
    const finished = super.finish(text);
    return this.#given === 'own' ? finished : unnumbered(finished);
  }

  protected override textOf(kind: string, _number: number, found: string): string {
    return `[redacted:${credentialKinds.has(kind) ? kind : (lookOf(found) ?? kind)}]`;
  }
}

/** Marks for what a user's rules name alone. Other credentials stay: a resumed run needs them. */
export class NamedMarks extends RedactionMarks {
  override mark(kind: string, found: string): string {
    return credentialKinds.has(kind) ? this.finish(redactDetected(found, this)) : super.mark(kind, found);
  }
}

/** Marks of another run, whose numbers say nothing here. */
function unnumbered(text: string): string {
  if (!/redacted/i.test(text)) return text;
  return withoutWords(text)
    .replace(/\[redacted:([a-z][\w-]*)(?:#|%23)\d+\]/g, '[redacted:$1]')
    .replace(/person-\d+@redacted\.invalid/g, '[redacted:email]');
}

/** Anything but a fixture's requests: responses, states, outputs, events, errors (R2). */
export function redactValue(value: Value, marks: RedactionMarks): Value {
  return redact(value, marks);
}

const distinctiveLengthMin = 12;

const wordLengthMin = 8;

/** The name of a constant stands for its value in a document: `API_KEY`, `your-api-key`. */
const placeholder = /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$|^(?:[Yy]our|[Mm]y)[-_ ]|^[<{].*[>}]$/;

function isWordOfTexts(text: string): boolean {
  return commonWord.test(text) || (placeholder.test(text) && !/\d.*\d/.test(text));
}

const hasMark = /\[redacted:|redacted0|@redacted\.invalid/i;

/** What stands for a password where there is none, or for one that everybody knows. Each is a word of many texts. */
const commonWord =
  /^(?:pass(?:word|wd|phrase|code)?|secrets?|tokens?|credentials?|key|admin|administrator|root|user(?:name)?|guest|test(?:ing)?|demo|default|example|sample|changeme|change-?it|basic|bearer|none|null|true|false|undefined|unknown|string|number|integer|boolean|required|optional|include|omit|same-origin|hidden|masked|empty|invalid|incorrect|expired|missing|enabled|disabled|encrypted|plain|plaintext|redacted)$/i;

/** A password may be a word, and a code a number. */
function reachOf(text: string): Reach {
  if (isDistinctive(text)) return text.length < distinctiveLengthMin ? 'words' : 'anywhere';
  return text.length >= wordLengthMin ? 'words' : 'whole';
}

/** What is looked for elsewhere. Programs take a cookie apart: without its attributes, and without its name. */
function formsOf(kind: string, found: string): readonly string[] {
  if (kind !== 'cookie') return hasMark.test(found) || isWordOfTexts(found.trim()) ? [] : [found.trim()];
  const pair = kind === 'cookie' ? /^\s*([^=;]+=([^;]*))/.exec(found) : null;
  const [, whole = '', value = ''] = pair ?? [];
  if (!isDistinctive(value)) return isDistinctive(found) ? [found] : [];
  return [found, whole.trim(), value.trim()];
}

/** With letters and digits and without spaces: the same text elsewhere is the same secret. */
function isDistinctive(secret: string): boolean {
  return (
    secret.length >= 6 &&
    /^\S+$/.test(secret) &&
    /\d/.test(secret) &&
    /[a-z]/i.test(secret) &&
    !secret.includes('[redacted:')
  );
}

function redact(value: Value, redactor: Redactor): Value {
  return new Redaction(redactor).value(value);
}

/** A text, which may be a stream of events. */
function redactWhole(text: string, marker: Marker): string {
  return redactText(redactEvents(text, marker), marker);
}

const bytesLengthMax = 8 * 1_048_576;

/** Shorter values are settings. */
const cookieLengthMin = 6;

/** Values with less to look at than this cost more to remember: in characters, as which each object counts as some. */
const rememberedLengthMin = 64;
const heldLength = 8;

/** One walk over a value. */
class Redaction implements ValueMap {
  readonly #redactor: Redactor;
  /** How much it has looked at. */
  #length = 0;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  text(text: string): string {
    const { cleanTexts } = this.#redactor;
    this.#length += text.length;
    if (cleanTexts?.has(text) === true) return text;
    const redacted = redactWhole(text, this.#redactor);
    if (redacted === text) cleanTexts?.add(text);
    return redacted;
  }

  value(value: Value): Value {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number' || typeof value === 'bigint') return this.#number(value);
    const { clean } = this.#redactor;
    if (typeof value !== 'object' || value === null) return value;
    this.#length += heldLength;
    if (clean?.has(value) === true) return value;
    const before = this.#length;
    const redacted = isPairs(value) ? this.#pairs(value) : this.#parts(value);
    // Only what is frozen stays clean.
    if (clean !== undefined && redacted === value && this.#length - before >= rememberedLengthMin && isCanonical(value))
      clean.add(value);
    return redacted;
  }

  /** A card has the form of a number too. */
  #number(value: number | bigint): Value {
    const { detect, numberOf } = this.#redactor;
    if (detect?.detectors.includes('card') !== true || numberOf === undefined || value < 1e12) return value;
    let isCard = false;
    replaceDetected(String(value), 'card', (found) => {
      isCard = true;
      return found;
    });
    return isCard ? numberOf.call(this.#redactor, 'card', value) : value;
  }

  #parts(value: object & Value): Value {
    const whole = Array.isArray(value) ? this.#split(value as readonly Value[]) : value;
    if (!isRecordValue(whole)) return mapParts(whole as object & Value, this);
    const mark = (kind: CredentialKind, found: string): string => redactGiven(kind, found, this.#redactor);
    return mapParts(this.#namedValue(redactNamedParts(whole, mark)), this);
  }

  /** A secret may stand in several texts of a list, one after another. */
  #split(list: readonly Value[]): readonly Value[] {
    if (list.length < 2 || !list.every((item) => typeof item === 'string')) return list;
    const texts = list as readonly string[];
    const joined = texts.join('');
    if (!mayHold(joined, this.#redactor)) return list;
    const redacted = redactSplit(texts, this.#redactor);
    return redacted === texts ? list : canonicalList(redacted);
  }

  /** `{ name: 'x-api-key', value: '…' }`. */
  #namedValue(record: { readonly [key: string]: Value }): object & Value {
    const { value } = record;
    const name = record.name ?? record.key ?? record.header;
    if (typeof name !== 'string' || typeof value !== 'string' || value === '') return record;
    const kind = credentialKind(name, value, pairedPlace(name));
    if (kind === undefined) return record;
    const redacted = redactNamed(kind, value, this.#redactor);
    return redacted === value ? record : canonicalRecord([...Object.entries(record), ['value', redacted]]);
  }

  field(name: string, value: Value, place: NamePlace = 'field'): Value {
    if (name === 'cookies' && typeof value === 'object') return this.value(this.#cookies(value));
    const named = announced(name, place);
    if (named === undefined) return this.value(value);
    switch (typeof value) {
      case 'string':
      case 'number':
      case 'bigint': {
        const kind = credentialKind(name, value, place) ?? this.#standInKind(name, value, place);
        if (kind === undefined) return this.value(value);
        return typeof value === 'string'
          ? redactNamed(kind, value, this.#redactor)
          : this.#redactor.mark(kind, String(value));
      }
      default:
        break;
    }
    if (value instanceof Uint8Array) {
      return isSure(name, place)
        ? this.#redactor.mark(named.kind, Buffer.from(value).toString('base64'))
        : this.value(value);
    }
    // A record under such a name is looked into, not replaced: the schema of a tool describes fields.
    return (Array.isArray(value) ? this.#namedList(name, value, place) : undefined) ?? this.value(value);
  }

  #standInKind(name: string, value: string | number | bigint, place: NamePlace): CredentialKind | undefined {
    const isRequest = this.#redactor === requestMarker || this.#redactor === madeRequestMarker;
    return isRequest ? standInKind(name, value, place) : undefined;
  }

  /** `set-cookie: [a, b]`. Undefined if no item is one. */
  #namedList(name: string, list: readonly Value[], place: NamePlace): Value {
    if (!list.every((item) => typeof item === 'string')) return undefined;
    const kinds = list.map((text) => credentialKind(name, text, place));
    if (kinds.every((kind) => kind === undefined)) return undefined;
    const redacted = list.map((text, index) => {
      const kind = kinds[index];
      return kind === undefined ? this.text(text) : redactNamed(kind, text, this.#redactor);
    });
    return redacted.every((text, index) => text === list[index]) ? list : canonicalList(redacted);
  }

  /** By name, or as a list of `{ name, value }`, as browsers and their archives keep them. */
  #cookies(value: Value): Value {
    const marked = (text: Value): Value =>
      typeof text === 'string' && text.length >= cookieLengthMin ? this.#redactor.mark('cookie', text) : text;
    if (isRecordValue(value)) return canonicalRecord(Object.entries(value).map(([name, text]) => [name, marked(text)]));
    if (!Array.isArray(value)) return value;
    const cookies = value.map((item: Value) => {
      const isOne =
        isRecordValue(item) && typeof (item.name ?? item.key) === 'string' && typeof item.value === 'string';
      return isOne ? canonicalRecord([...Object.entries(item), ['value', marked(item.value)]]) : item;
    });
    return cookies.every((cookie, index) => cookie === value[index]) ? value : canonicalList(cookies);
  }

  bytes(bytes: Uint8Array): Value {
    this.#length += bytes.byteLength;
    if (bytes.byteLength > bytesLengthMax) return bytes;
    return redactBytes(bytes, this.#redactor, redactWhole);
  }

  #pairs(pairs: Pairs & Value): Value {
    let changed: Value[] | undefined;
    for (const [index, [name, value]] of pairs.entries()) {
      const redacted = this.field(name, value, 'header');
      // The pair may not be a header, and its first text may be a secret.
      const redactedName = this.text(name);
      if (redacted === value && redactedName === name) continue;
      changed ??= [...pairs];
      changed[index] = canonicalList([redactedName, redacted]);
    }
    return changed === undefined ? pairs : canonicalList(changed);
  }
}

type Pairs = readonly (readonly [string, string])[];

/** Headers and parameters as a list of [name, value]. */
function isPairs(value: Value): value is Pairs {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (item) => Array.isArray(item) && item.length === 2 && typeof item[0] === 'string' && typeof item[1] === 'string',
    )
  );
}
