// What makes two HTTP requests equal: method, origin by its alias, path, query as a sorted multiset without what signs it,
// body, and the headers that choose an operation, a part or a tenant.
import { adopt, canonicalRecord, holdsBytes } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { RequestRules } from '../run-facts.ts';
import { redactMadeRequest } from '../redact/redact.ts';
import { Address, addressOf } from './address.ts';
import { countedHeaders } from './counted-headers.ts';
import type { HeaderPair } from './counted-headers.ts';
import { withoutDrawn } from './drawn-values.ts';
import { httpBodyIdentity, sortedPairs } from './http-body.ts';
import { originAlias } from './origin.ts';

export interface HttpRequestParts {
  readonly method: string;
  readonly url: string | URL;
  /** The Unix socket that it goes to, in place of the host. */
  readonly socketPath?: string | undefined;
  readonly headers: Iterable<readonly [string, string]>;
  /** What is sent, as bytes or as text; `undefined` or empty if there is nothing. */
  readonly body: Uint8Array | string | undefined;
}

/** The canonical identity of a request, with credentials replaced: the same for two requests that count as equal. */
export function httpRequestIdentity(parts: HttpRequestParts, rules: RequestRules): Value {
  const address = typeof parts.url === 'string' ? addressIn(parts.url) : new Address(parts.url);
  const { url } = address;
  const headers: HeaderPair[] = [];
  for (const pair of parts.headers) headers.push([pair[0].toLowerCase(), pair[1]]);
  const counted = countedHeaders(headers, rules, url);
  // Signed links and sockets were not told apart before headers counted by themselves.
  const isEarly = rules.headers === 0;
  const socketPath = isEarly ? undefined : parts.socketPath;
  const identity: Record<string, Value> = {};
  // In canonical order. No name of them is that of a credential, so each part is redacted by itself.
  if (parts.body !== undefined && parts.body.length > 0)
    identity.body = redactMadeRequest(withoutDrawn(httpBodyIdentity(parts.body, contentType(headers)), rules));
  if (counted.length > 0) identity.headers = redactMadeRequest(sortedPairs(counted, 'header'));
  identity.method = redactMadeRequest(parts.method.toUpperCase());
  identity.origin =
    socketPath === undefined
      ? address.origin(rules.origins ?? noAliases)
      : redactMadeRequest(originAlias(url, rules.origins ?? noAliases, socketPath));
  identity.path = address.path;
  identity.query = isEarly ? address.signedQuery : address.query;
  return adopt(identity, holdsBytes(identity.body));
}

const noAliases = Object.freeze({});

/** @throws TypeError for a text that is no address */
function addressIn(text: string): Address {
  return addressOf(text) ?? new Address(new URL(text));
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
