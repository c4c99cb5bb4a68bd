// Redaction: credentials are replaced by marks from which nothing about them can be computed.
//   R1. A mark in a request states only the kind, so that a request with another credential is still the same request.
//   R2. A mark elsewhere also has a number: one for each distinct secret, by first appearance.
//   R3. Redacting twice changes nothing.
//   R4. A value without credentials is returned as is, by identity.
//   R5. `redactRequest(redactValue(x)) = redactRequest(x)` for what a rule finds in both. So a redacted run replays: a
//       node that passes on a mark asks for what was recorded.
import { canonicalList, isCanonical } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { credentialKind } from './credential-name.ts';
import type { CredentialKind, NamePlace } from './credential-name.ts';
import { shapeKind } from './credential-shape.ts';
import { mapBytesAsText, mapParts } from '../value-map.ts';
import type { ValueMap } from '../value-map.ts';
import { isMark, redactNamed, redactText } from './redact-text.ts';
import type { Marker } from './redact-text.ts';

/** The version of these rules: a fixture names it, and a comparison uses the same. */
export const redactionRules = 1;

interface Redactor extends Marker {
  /** Objects in which nothing was found. Undefined for what is seen once: remembering it costs more than looking. */
  readonly clean: WeakSet<object> | undefined;
}

const requestMarker: Redactor = {
  mark: (kind) => `[redacted:${kind}]`,
  finish: withoutNumbers,
  clean: new WeakSet(),
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
  return new Redaction(redactor).value(value);
}

const bytesLengthMax = 1_048_576;

/** One walk over a value. */
class Redaction implements ValueMap {
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  text(text: string): string {
    return redactText(text, this.#redactor);
  }

  value(value: Value): Value {
    if (typeof value === 'string') return this.text(value);
    const { clean } = this.#redactor;
    if (typeof value !== 'object' || value === null || clean?.has(value) === true) return value;
    const redacted = isPairs(value) ? this.#pairs(value) : mapParts(value, this);
    // Only what is frozen stays clean.
    if (clean !== undefined && redacted === value && isCanonical(value)) clean.add(value);
    return redacted;
  }

  field(name: string, value: Value): Value {
    const kind = credentialKind(name, 'field');
    if (kind === undefined) return this.value(value);
    switch (typeof value) {
      case 'string':
        return redactNamed(kind, value, this.#redactor);
      case 'number':
      case 'bigint':
        return this.#redactor.mark(kind, String(value));
      default:
        break;
    }
    if (value instanceof Uint8Array) return this.#redactor.mark(kind, Buffer.from(value).toString('base64'));
    // `set-cookie: [a, b]`. A record under such a name is looked into, not replaced: the schema of a tool describes
    // fields.
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
      const texts = value as readonly string[];
      const redacted = texts.map((text) => redactNamed(kind, text, this.#redactor));
      return redacted.every((text, index) => text === texts[index]) ? value : canonicalList(redacted);
    }
    return this.value(value);
  }

  bytes(bytes: Uint8Array): Value {
    return bytes.byteLength > bytesLengthMax ? bytes : mapBytesAsText(bytes, (text) => this.text(text));
  }

  #pairs(pairs: Pairs & Value): Value {
    let changed: Value[] | undefined;
    for (const [index, [name, value]] of pairs.entries()) {
      const redacted = this.field(name, value);
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
