// Redaction: credentials are replaced by marks from which nothing about them can be computed.
//   R1. A mark in a request states only the kind, so that a request with another credential is still the same request.
//   R2. A mark elsewhere also has a number: one for each distinct secret, by first appearance.
//   R3. Redacting twice changes nothing.
//   R4. A value without credentials is returned as is, by identity.
//   R5. `redactRequest(redactValue(x)) = redactRequest(x)` for what a rule finds in both. So a redacted run replays: a
//       node that passes on a mark asks for what was recorded.
import {
  canonicalList,
  canonicalRecord,
  errorParts,
  frozenBytes,
  frozenError,
  frozenMap,
  frozenSet,
  isCanonical,
} from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { credentialKind } from './credential-name.ts';
import type { CredentialKind, NamePlace } from './credential-name.ts';
import { shapeKind } from './credential-shape.ts';
import { isRecordValue } from '../record-value.ts';
import { isMark, redactNamed, redactText } from './redact-text.ts';
import type { Marker } from './redact-text.ts';

/** The version of these rules: a fixture names it, and a comparison uses the same. */
export const redactionRules = 1;

interface Redactor extends Marker {
  /** Objects in which nothing was found. */
  readonly clean: WeakSet<object>;
}

const requestMarker: Redactor = {
  mark: (kind) => `[redacted:${kind}]`,
  finish: withoutNumbers,
  clean: new WeakSet(),
};

/**
 * A request with its credentials replaced by their kind (R1). Every request passes through it before it is compared or
 * kept.
 */
export function redactRequest(request: Value): Value {
  return redact(request, requestMarker);
}

/** One value of a header, a query or a form. */
export function redactPair(name: string, value: string, place: NamePlace): string {
  const kind = credentialKind(name, place);
  return kind === undefined ? redactText(value, requestMarker) : redactNamed(kind, value, requestMarker);
}

function withoutNumbers(text: string): string {
  return text.includes('[redacted:') ? text.replace(/(\[redacted:[a-z-]+)#\d+\]/g, '$1]') : text;
}

/** The marks of one run: the same secret gets the same number wherever it stands. */
export class RedactionMarks implements Redactor {
  readonly #numbers = new Map<string, number>();
  /** Secrets to look for in every further text, since no rule would find them there. */
  readonly #known = new Map<string, string>();
  readonly #numberBefore: number;
  clean = new WeakSet<object>();

  /** `numberBefore`: the highest number that marks of this run already have, if it was redacted before. */
  constructor(numberBefore = 0) {
    this.#numberBefore = numberBefore;
  }

  /** How many distinct secrets were found. */
  get count(): number {
    return this.#numbers.size;
  }

  mark(kind: CredentialKind, found: string): string {
    if (isMark(found)) return found;
    let number = this.#numbers.get(found);
    if (number === undefined) {
      number = this.#numberBefore + this.#numbers.size + 1;
      this.#numbers.set(found, number);
    }
    const mark = this.textOf(shapeKind(found) ?? kind, number);
    if (isDistinctive(found) && !this.#known.has(found)) {
      this.#known.set(found, mark);
      this.clean = new WeakSet();
    }
    return mark;
  }

  protected textOf(kind: CredentialKind, number: number): string {
    return `[redacted:${kind}#${number}]`;
  }

  finish(text: string): string {
    let finished = text;
    for (const [secret, mark] of this.#known) {
      if (finished.includes(secret)) finished = finished.replaceAll(secret, () => mark);
    }
    return finished;
  }
}

/**
 * Marks for what is compared with a redacted run: nothing says which of its secrets one is, so they have no number. Marks
 * that the run was given keep theirs, unless they are those of another run.
 */
export class ComparedMarks extends RedactionMarks {
  readonly #given: 'own' | 'of another run';

  constructor(given: 'own' | 'of another run') {
    super();
    this.#given = given;
  }

  override finish(text: string): string {
    const finished = super.finish(text);
    return this.#given === 'own' ? finished : withoutNumbers(finished);
  }

  protected override textOf(kind: CredentialKind): string {
    return `[redacted:${kind}]`;
  }
}

/** Anything but a fixture's requests: responses, states, outputs, events, errors (R2). */
export function redactValue(value: Value, marks: RedactionMarks): Value {
  return redact(value, marks);
}

/** Long, with letters and digits and without spaces: the same text elsewhere is the same secret. */
function isDistinctive(secret: string): boolean {
  return (
    secret.length >= 12 &&
    /^\S+$/.test(secret) &&
    /\d/.test(secret) &&
    /[a-z]/i.test(secret) &&
    !secret.includes('[redacted:')
  );
}

function redact(value: Value, redactor: Redactor): Value {
  if (typeof value === 'string') return redactText(value, redactor);
  if (typeof value !== 'object' || value === null || redactor.clean.has(value)) return value;
  const redacted = redactObject(value, redactor);
  // Only what is frozen stays clean.
  if (redacted === value && isCanonical(value)) redactor.clean.add(value);
  return redacted;
}

function redactObject(value: object & Value, redactor: Redactor): Value {
  if (Array.isArray(value)) return redactList(value as readonly Value[], redactor);
  if (value instanceof Uint8Array) return redactBytes(value, redactor);
  if (value instanceof Map) return redactMap(value, redactor);
  if (value instanceof Set) {
    const items = [...value];
    const redacted = redactItems(items, redactor);
    return redacted === items ? value : frozenSet(redacted);
  }
  if (value instanceof Error) return redactError(value, redactor);
  return isRecordValue(value) ? redactRecord(value, redactor) : value;
}

function redactRecord(record: { readonly [key: string]: Value }, redactor: Redactor): Value {
  let changed: Map<string, Value> | undefined;
  for (const key of Object.keys(record)) {
    const value = record[key];
    const redacted = redactField(key, value, redactor);
    const redactedKey = redactText(key, redactor);
    if (redactedKey === key && Object.is(redacted, value)) continue;
    changed ??= new Map(Object.entries(record));
    if (redactedKey !== key) changed.delete(key);
    changed.set(redactedKey === key ? key : unusedKey(redactedKey, changed), redacted);
  }
  return changed === undefined ? record : canonicalRecord(changed);
}

/** Two secrets as keys of one record get the same mark in a request. Neither entry may be lost. */
function unusedKey(key: string, taken: ReadonlyMap<string, Value>): string {
  let unused = key;
  for (let number = 2; taken.has(unused); number += 1) unused = `${key}~${number}`;
  return unused;
}

function redactField(name: string, value: Value, redactor: Redactor): Value {
  const kind = credentialKind(name, 'field');
  if (kind === undefined) return redact(value, redactor);
  switch (typeof value) {
    case 'string':
      return redactNamed(kind, value, redactor);
    case 'number':
    case 'bigint':
      return redactor.mark(kind, String(value));
    default:
      break;
  }
  if (value instanceof Uint8Array) return redactor.mark(kind, Buffer.from(value).toString('base64'));
  // `set-cookie: [a, b]`. A record under such a name is looked into, not replaced: the schema of a tool describes fields.
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    const texts = value as readonly string[];
    const redacted = texts.map((text) => redactNamed(kind, text, redactor));
    return redacted.every((text, index) => text === texts[index]) ? value : canonicalList(redacted);
  }
  return redact(value, redactor);
}

function redactList(list: readonly Value[], redactor: Redactor): Value {
  const redacted = isPairs(list) ? redactPairs(list, redactor) : redactItems(list, redactor);
  return redacted === list ? list : canonicalList(redacted);
}

function redactItems(items: readonly Value[], redactor: Redactor): readonly Value[] {
  let changed: Value[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    const redacted = redact(item, redactor);
    if (Object.is(redacted, item)) continue;
    changed ??= [...items];
    changed[index] = redacted;
  }
  return changed ?? items;
}

type Pairs = readonly (readonly [string, string])[];

/** Headers and parameters as a list of [name, value]. */
function isPairs(list: readonly Value[]): list is Pairs {
  return (
    list.length > 0 &&
    list.every(
      (item) => Array.isArray(item) && item.length === 2 && typeof item[0] === 'string' && typeof item[1] === 'string',
    )
  );
}

function redactPairs(pairs: Pairs, redactor: Redactor): readonly Value[] {
  let changed: Value[] | undefined;
  for (const [index, [name, value]] of pairs.entries()) {
    const redacted = redactField(name, value, redactor);
    // The pair may not be a header, and its first text may be a secret.
    const redactedName = redactText(name, redactor);
    if (redacted === value && redactedName === name) continue;
    changed ??= [...pairs];
    changed[index] = canonicalList([redactedName, redacted]);
  }
  return changed ?? pairs;
}

function redactMap(map: ReadonlyMap<Value, Value>, redactor: Redactor): Value {
  let isChanged = false;
  const entries = [...map].map(([key, value]): readonly [Value, Value] => {
    const redacted = typeof key === 'string' ? redactField(key, value, redactor) : redact(value, redactor);
    const redactedKey = redact(key, redactor);
    isChanged ||= !Object.is(redacted, value) || !Object.is(redactedKey, key);
    return [redactedKey, redacted];
  });
  return isChanged ? frozenMap(entries) : map;
}

function redactError(error: Error, redactor: Redactor): Value {
  const parts = errorParts(error);
  const message = redactText(parts.message, redactor);
  const fields = redactRecord(parts.fields, redactor) as Readonly<Record<string, Value>>;
  const own = redactRecord(parts.own, redactor) as Readonly<Record<string, Value>>;
  const cause = redact(parts.cause, redactor);
  if (message === parts.message && fields === parts.fields && own === parts.own && Object.is(cause, parts.cause))
    return error;
  return frozenError({ ...parts, message, fields, own, ...(cause === undefined ? {} : { cause }) });
}

const bytesLengthMax = 1_048_576;

/** Byte arrays are mostly images and the like, but some are texts that were never decoded. */
function redactBytes(bytes: Uint8Array, redactor: Redactor): Uint8Array {
  if (bytes.byteLength > bytesLengthMax) return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const redacted = redactText(text, redactor);
  return redacted === text ? bytes : frozenBytes(Buffer.from(redacted, 'latin1'));
}
