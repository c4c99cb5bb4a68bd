// Values that clients of APIs draw again for each request: tokens against doing a thing twice, and numbers of messages.
// They say nothing of what is asked for, so none of them counts: `[left out]` stands in their place.
//   D1. A released version never changes: recorded runs name the one they were compared by.
//   D2. A value is named by its place in the body, and only where a client draws it by itself.
// Headers need no such list: only those in `counted-headers.ts` count. What signs a link, its dates too, is listed in
// `signed-query.ts`.
import { canonicalList, canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue, withFields } from '../record-value.ts';
import type { RecordValue } from '../record-value.ts';
import type { RequestRules } from '../run-facts.ts';

/** The version that new runs are recorded with. */
export const drawnValuesVersion = 1;

/**
 * A value that clients of an API draw again for every request, such as an idempotency token. It does not count when
 * requests are compared, so a replay finds the recorded answer although the value is a new one.
 */
export interface DrawnValue {
  /** Stable: for people. */
  readonly name: string;
  readonly why: string;
  /** Where it stands, as people read it. */
  readonly places: readonly string[];
}

interface Rule extends DrawnValue {
  /** The fields of a JSON object or a form without such values; the same if it has none. */
  readonly leaveOut: (fields: RecordValue) => RecordValue;
}

const awsTokens = [
  ...['ClientRequestToken', 'clientRequestToken', 'ClientToken', 'clientToken'],
  ...['IdempotencyToken', 'idempotencyToken', 'CreationToken', 'creationToken'],
];

const first: readonly Rule[] = [
  {
    name: 'aws-token',
    why: 'the AWS SDK draws one for each call that must not happen twice',
    places: awsTokens,
    leaveOut: (fields) => without(fields, awsTokens),
  },
  {
    name: 'json-rpc-id',
    why: 'a client counts all of its messages (MCP, Ethereum); the recorded answer gets the new number',
    places: ['id (beside jsonrpc)', 'params._meta.progressToken (beside jsonrpc)'],
    leaveOut: (fields) => (fields.jsonrpc === '2.0' ? without(withoutProgress(fields), ['id']) : fields),
  },
];

const versions: readonly (readonly Rule[])[] = [[], first];

/** What is left out of new runs, and why. */
export function drawnValues(): readonly DrawnValue[] {
  return first;
}

/** The identity of a body without what its client drew. */
export function withoutDrawn(identity: Value, { drawn = 0 }: RequestRules): Value {
  const rules = listed(drawn);
  if (rules.length === 0 || !isRecordValue(identity)) return identity;
  const { json, form } = identity;
  if (Array.isArray(form)) return canonicalRecord([['form', formWithout(form as Pairs)]]);
  if (typeof json !== 'object' || json === null) return identity;
  return withFields(identity, new Map([['json', eachWithout(json as Value, rules)]]));
}

/** A reader refuses a version that this release does not know (`store/fixture/file/fixture-header.ts`). */
function listed(version: number): readonly Rule[] {
  return versions[Math.min(version, drawnValuesVersion)] as readonly Rule[];
}

/** JSON-RPC sends several at once as a list. */
function eachWithout(json: Value, rules: readonly Rule[]): Value {
  if (!Array.isArray(json)) return isRecordValue(json) ? fieldsWithout(json, rules) : json;
  const items = json as readonly Value[];
  const left = items.map((item) => (isRecordValue(item) ? fieldsWithout(item, rules) : item));
  return left.every((item, index) => item === items[index]) ? json : canonicalList(left);
}

function fieldsWithout(fields: RecordValue, rules: readonly Rule[]): RecordValue {
  return rules.reduce((left, { leaveOut }) => leaveOut(left), fields);
}

type Pairs = readonly (readonly [string, string])[];

const leftOut = '[left out]';

/** The query protocol of AWS. */
function formWithout(pairs: Pairs): Value {
  return canonicalList(pairs.map(([name, value]) => canonicalList([name, awsTokens.includes(name) ? leftOut : value])));
}

function without(fields: RecordValue, names: readonly string[]): RecordValue {
  const held = names.filter((name) => Object.hasOwn(fields, name));
  return held.length === 0 ? fields : withFields(fields, new Map(held.map((name) => [name, leftOut])));
}

function withoutProgress(fields: RecordValue): RecordValue {
  const { params } = fields;
  if (!isRecordValue(params) || !isRecordValue(params._meta)) return fields;
  const meta = without(params._meta, ['progressToken']);
  if (meta === params._meta) return fields;
  return withFields(fields, new Map([['params', withFields(params, new Map([['_meta', meta]]))]]));
}
