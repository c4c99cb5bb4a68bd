// Redaction: secrets are replaced by marks from which nothing about them can be computed.
//   R1. The mark of a credential in a request states only its kind, so that a request with another credential is still the
//       same request.
//   R2. A mark elsewhere also has a number: one for each distinct secret, by first appearance.
//   R3. Redacting twice changes nothing.
//   R4. A value without secrets is returned as is, by identity.
//   R5. `redactRequest(redactValue(x)) = redactRequest(x)` for what a rule finds in both. So a redacted run replays: a
//       node that passes on a mark asks for what was recorded.
import { canonicalList, canonicalRecord, isCanonical } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../record-value.ts';
import { mapParts } from '../value-map.ts';
import type { ValueMap } from '../value-map.ts';
import { redactBytes } from './binary.ts';
import { CleanTexts } from './clean-texts.ts';
import type { CredentialKind } from './credential/credential-kind.ts';
import { announced, credentialKind, isSure, pairedPlace, standInKind } from './credential-name.ts';
import type { NamePlace } from './credential-name.ts';
import { replaceDetected } from './find/detector.ts';
import { redactEvents, redactList } from './find/split-text.ts';
import { isMark } from './mark.ts';
import { redactNamedParts } from './named-parts.ts';
import { redactGiven, redactNamed, redactText } from './redact-text.ts';
import type { Marker } from './redact-text.ts';
import { requestMarks } from './redaction-marks.ts';
import type { RedactionMarks, Redactor } from './redaction-marks.ts';

const requestMarker: Redactor = {
  ...requestMarks,
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

/** Anything but a fixture's requests: responses, states, outputs, events, errors (R2). */
export function redactValue(value: Value, marks: RedactionMarks): Value {
  return redact(value, marks);
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
    const known = this.#redactor.knownNumber?.(value);
    if (known !== undefined) return known;
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
    const redacted = redactList(texts, this.#redactor);
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
      // The pair may not be a header, and its first text may be a secret.
      const redactedName = this.text(name);
      const redacted = this.field(redactedName, value, 'header');
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
