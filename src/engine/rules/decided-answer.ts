// The answer that somebody decides a request had, as people write it: `{ status: 200, body: { receipt: 'r1' } }`. It is kept
// as an answer of a server is.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue, isPlainObject } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';

type Fields = { readonly [key: string]: Value };

const parts: ReadonlySet<string> = new Set(['status', 'headers', 'body', 'ended']);

/** @throws RepriseError `answer-invalid` */
export function decidedAnswer(given: Value): Value {
  if (!isRecord(given)) throw invalid('it is not an object');
  const unknown = Object.keys(given).find((key) => !parts.has(key));
  if (unknown !== undefined) throw invalid(`"${unknown}" is not a part of one`);
  const { status, body, ended } = given;
  if (!isStatus(status)) throw invalid('its status is not a number from 200 to 599');
  if (ended !== undefined && ended !== 'complete') throw invalid('it has to be complete');
  const headers = headersOf(given.headers);
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array)
    return answered({ status, headers, body: body ?? '' });
  if (!isJson(body)) throw invalid('its body is neither a text nor JSON');
  const typed = 'content-type' in headers ? headers : { ...headers, 'content-type': 'application/json' };
  return answered({ status, headers: typed, body: JSON.stringify(body) });
}

function answered(answer: Fields): Value {
  return canonicalValue({ ...answer, ended: 'complete' }, 'the answer');
}

function isStatus(status: Value): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599;
}

function headersOf(given: Value): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (!isRecord(given)) throw invalid('its headers are not texts by name');
  const named = Object.entries(given).map(([name, text]): [string, string] => {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || typeof text !== 'string' || /[\r\n\0]/.test(text))
      throw invalid(`its header "${name}" is not valid`);
    return [name.toLowerCase(), text];
  });
  return Object.fromEntries(named);
}

function isRecord(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && isPlainObject(value) && !Array.isArray(value);
}

function isJson(value: Value): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (isRecord(value)) return Object.values(value).every(isJson);
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function invalid(why: string): RepriseError {
  return new RepriseError('answer-invalid', `this is not what a request is answered with: ${why}`, {
    nextStep:
      'Say { "value": { "status": 200, "body": … } }, with a text or JSON as the body and, if need be, "headers".',
  });
}
