// What makes two HTTP requests equal: method, origin by its alias, path, query as a sorted multiset without what signs it,
// body, and the headers that choose an operation, a part or a tenant.
import { canonicalList, canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { RequestRules } from '../entry.ts';
import { redactMadeRequest } from '../redact/redact.ts';
import { countedHeaders } from './counted-headers.ts';
import type { HeaderPair } from './counted-headers.ts';
import { httpBodyIdentity, sortedPairs } from './http-body.ts';
import { originAlias } from './origin.ts';
import { unsignedQuery } from './signed-query.ts';

export interface HttpRequestParts {
  readonly method: string;
  readonly url: string | URL;
  /** The Unix socket that it goes to, in place of the host. */
  readonly socketPath?: string | undefined;
  readonly headers: Iterable<readonly [string, string]>;
  /** The bytes that are sent; `undefined` or empty if there are none. */
  readonly body: Uint8Array | undefined;
}

/** The canonical identity of a request, with credentials replaced: the same for two requests that count as equal. */
export function httpRequestIdentity(parts: HttpRequestParts, rules: RequestRules): Value {
  const url = typeof parts.url === 'string' ? new URL(parts.url) : parts.url;
  const headers: HeaderPair[] = [];
  for (const pair of parts.headers) headers.push([pair[0].toLowerCase(), pair[1]]);
  const counted = countedHeaders(headers, rules, url);
  // Signed links and sockets were not told apart before headers counted by themselves.
  const isEarly = rules.headers === 0;
  const entries: [string, Value][] = [];
  if (parts.body !== undefined && parts.body.byteLength > 0)
    entries.push(['body', httpBodyIdentity(parts.body, contentType(headers))]);
  if (counted.length > 0) entries.push(['headers', sortedPairs(counted, 'field')]);
  entries.push(
    ['method', parts.method.toUpperCase()],
    ['origin', originAlias(url, rules.origins ?? {}, isEarly ? undefined : parts.socketPath)],
    ['path', url.pathname],
    ['query', queryOf(url, isEarly)],
  );
  return redactMadeRequest(canonicalRecord(entries));
}

const noQuery = canonicalList([]);

function queryOf(url: URL, isSigned: boolean): Value {
  if (url.search === '') return noQuery;
  return sortedPairs(isSigned ? url.searchParams : unsignedQuery(url.searchParams), 'query');
}

/** The identity of a request whose body was not written to its end: what was written of it depends on chance. */
export function unfinished(identity: Value): Value {
  const { body: _body, ...rest } = identity as { readonly [key: string]: Value };
  return canonicalRecord([...Object.entries(rest), ['unfinished', true]]);
}

export function isUnfinished(identity: Value): boolean {
  return typeof identity === 'object' && identity !== null && 'unfinished' in identity;
}

/** What an unfinished request is found by: everything but its body. */
export function withoutBody(identity: Value): Value {
  if (typeof identity !== 'object' || identity === null) return identity;
  const { body: _body, unfinished: _unfinished, ...rest } = identity as { readonly [key: string]: Value };
  return canonicalRecord(Object.entries(rest));
}

function contentType(headers: readonly HeaderPair[]): string {
  return headers.find(([name]) => name === 'content-type')?.[1] ?? '';
}
