// The identity of a request's body: what it says, not how its client wrote it down. JSON counts by value, forms and
// multipart by their parts (a boundary is random), all else by its text or its bytes.
import { canonicalText } from '../../base/canonical-json.ts';
import { compareCodeUnits } from '../../base/compare.ts';
import { digestOf } from '../../base/digest.ts';
import { encodeValue } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { canonicalList, canonicalRecord, canonicalValue, frozenBytes } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { NamePlace } from '../redact/credential-name.ts';
import { multipartBoundary, splitMultipart } from './multipart.ts';
import type { MultipartPart } from './multipart.ts';
import { redactPair, redactRequest } from '../redact/redact.ts';

/** Beyond this a body is kept by its digest alone: a journal is no place for uploads. */
export const bodyBytesMax = 8 * 1024 * 1024;

/**
 * `{ json }`, `{ form }`, `{ multipart }`, a text, bytes, or `{ digest }` of one that is too large to keep. Canonical,
 * credentials replaced.
 */
export function httpBodyIdentity(body: Uint8Array, contentType: string): Value {
  const identity = redactRequest(bodyValue(body, contentType));
  if (body.byteLength <= bodyBytesMax) return identity;
  return canonicalRecord([
    ['digest', digestOf(identity instanceof Uint8Array ? identity : canonicalText(encodeValue(identity)))],
  ]);
}

function bodyValue(body: Uint8Array, contentType: string): Value {
  const boundary = multipartBoundary(contentType);
  const parts = boundary === undefined ? undefined : splitMultipart(body, boundary);
  if (parts !== undefined) return canonicalRecord([['multipart', canonicalList(parts.map(partValue))]]);
  const text = utf8Text(body);
  if (text === undefined) return frozenBytes(body);
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    return canonicalRecord([['form', sortedPairs(new URLSearchParams(text), 'form')]]);
  }
  return jsonValue(text, contentType) ?? text;
}

function partValue(part: MultipartPart): Value {
  const value = bodyValue(part.body, part.contentType);
  return canonicalRecord([
    ['name', part.name],
    ...(part.filename === undefined ? [] : [['filename', part.filename] as const]),
    ...(part.contentType === '' ? [] : [['type', part.contentType] as const]),
    ['body', typeof value === 'string' ? redactPair(part.name, value, 'form') : value],
  ]);
}

/** Pairs of a query or a form: their order says nothing, how often each stands there does. */
export function sortedPairs(pairs: Iterable<readonly [string, string]>, place: NamePlace): Value {
  const sorted = [...pairs]
    .map(([name, value]): readonly [string, string] => [name, redactPair(name, value, place)])
    .sort((left, right) => compareCodeUnits(left[0], right[0]) || compareCodeUnits(left[1], right[1]));
  return canonicalList(sorted.map((pair) => canonicalList(pair)));
}

/** The text of bytes that are well-formed UTF-8; a byte order mark is kept, so that the bytes can be told again. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON by value: said to be JSON, or an object or list in what is said to be text. */
function jsonValue(text: string, contentType: string): Value {
  const isSaid = /^[\w.+-]+\/(?:[\w.+-]*\+)?json\b/i.test(contentType);
  if (!isSaid && !/^\s*[[{]/.test(text)) return undefined;
  try {
    const parsed: unknown = /\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
    return canonicalRecord([
      ['json', canonicalValue(parsed, 'the body of a request', { maxBytes: Number.POSITIVE_INFINITY })],
    ]);
  } catch (thrown) {
    // No JSON, or nested deeper than a value may be: then it is the text that counts.
    if (thrown instanceof SyntaxError || thrown instanceof RangeError || thrown instanceof RepriseError)
      return undefined;
    throw thrown;
  }
}

/** Ids of 64 bits that JavaScript rounds: two that differ must not become one. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
