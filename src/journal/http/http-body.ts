// The identity of a request's body: its content, not how the client wrote it. JSON counts by value, forms and multipart by
// their parts (a boundary is random), everything else by its text or bytes.
import { canonicalText } from '../../base/canonical-json.ts';
import { compareCodeUnits } from '../../base/compare.ts';
import { digestOf } from '../../base/digest.ts';
import { encodeValue } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { adoptJson } from '../../base/json-value.ts';
import { canonicalList, canonicalRecord, frozenBytes } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { NamePlace } from '../redact/credential-name.ts';
import { multipartBoundary, splitMultipart } from './multipart.ts';
import type { MultipartPart } from './multipart.ts';
import { redactPair, redactRequest } from '../redact/redact.ts';

/** A larger body is kept only as a digest: a journal is no place for uploads. */
export const bodyBytesMax = 8 * 1024 * 1024;

/**
 * `{ json }`, `{ form }`, `{ multipart }`, a text, bytes, or `{ digest }` of a body that is too large to keep. Canonical.
 *
 * Only credentials that the name of their form field gives away are replaced here. The caller redacts the request as a
 * whole, once. The digest is the exception: it is taken of the redacted body.
 */
export function httpBodyIdentity(body: Uint8Array | string, contentType: string): Value {
  const identity = bodyValue(body, contentType);
  const byteCount = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  return byteCount <= bodyBytesMax ? identity : bodyDigest(redactRequest(identity));
}

function bodyDigest(redacted: Value): Value {
  const digest = digestOf(redacted instanceof Uint8Array ? redacted : canonicalText(encodeValue(redacted)));
  return canonicalRecord([['digest', digest]]);
}

function bodyValue(body: Uint8Array | string, contentType: string): Value {
  const boundary = multipartBoundary(contentType, body);
  const parts =
    boundary === undefined ? undefined : splitMultipart(typeof body === 'string' ? Buffer.from(body) : body, boundary);
  if (parts !== undefined) return canonicalRecord([['multipart', canonicalList(parts.map(partValue))]]);
  // A surrogate without its other half is sent as the mark for what cannot be read.
  const text = typeof body === 'string' ? body.toWellFormed() : utf8Text(body);
  if (text === undefined) return frozenBytes(body as Uint8Array);
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

/** The pairs of a query or a form, as a multiset: their order does not count, repeats do. */
export function sortedPairs(pairs: Iterable<readonly [string, string]>, place: NamePlace): Value {
  const sorted = [...pairs]
    .map(([name, value]): readonly [string, string] => [name, redactPair(name, value, place)])
    .sort((left, right) => compareCodeUnits(left[0], right[0]) || compareCodeUnits(left[1], right[1]));
  return canonicalList(sorted.map((pair) => canonicalList(pair)));
}

/** The text of well-formed UTF-8. A byte order mark is kept, so that the text gives back the same bytes. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  // Only a text with the mark for what cannot be read may be made of other bytes, and a strict decoder takes its time.
  return text.includes('\ufffd') ? strictText(bytes) : text;
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value of a body that is declared as JSON, or that looks like a JSON object or list. */
function jsonValue(text: string, contentType: string): Value {
  const isSaid = /^[\w.+-]+\/(?:[\w.+-]*\+)?json\b/i.test(contentType);
  if (!isSaid && !/^\s*[[{]/.test(text)) return undefined;
  try {
    const parsed: unknown = /\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
    return canonicalRecord([['json', adoptJson(parsed, 'the body of a request')]]);
  } catch (thrown) {
    // Not JSON, or nested too deeply for a value: then the text counts.
    if (thrown instanceof SyntaxError || thrown instanceof RangeError || thrown instanceof RepriseError)
      return undefined;
    throw thrown;
  }
}

/** JavaScript rounds 64-bit ids: two different ones must not become equal. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
