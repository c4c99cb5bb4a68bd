// What makes two HTTP requests equal: method, origin by its alias, path, query as a sorted multiset, and body. Headers
// count only if they are listed, because clients put their platform, version and retry count there.
import { canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { httpBodyIdentity, sortedPairs } from './http-body.ts';
import { redactRequest } from '../redact/redact.ts';

export interface HttpIdentityOptions {
  /** Names for origins: a run recorded against one origin of an alias replays against another. All loopback origins are equal. */
  readonly origins?: Readonly<Record<string, readonly string[]>>;
  readonly match?: {
    /** Headers that count, by name. */
    readonly headers?: readonly string[];
  };
}

export interface HttpRequestParts {
  readonly method: string;
  readonly url: string | URL;
  readonly headers: Iterable<readonly [string, string]>;
  /** The bytes that are sent; `undefined` or empty if there are none. */
  readonly body: Uint8Array | undefined;
}

/** The canonical identity of a request, with credentials replaced: the same for two requests that count as equal. */
export function httpRequestIdentity(parts: HttpRequestParts, options: HttpIdentityOptions = {}): Value {
  const url = typeof parts.url === 'string' ? new URL(parts.url) : parts.url;
  const headers = [...parts.headers].map(([name, value]): readonly [string, string] => [name.toLowerCase(), value]);
  const body = parts.body === undefined || parts.body.byteLength === 0 ? undefined : parts.body;
  const listed = listedHeaders(headers, options.match?.headers ?? []);
  return redactRequest(
    canonicalRecord([
      ['method', parts.method.toUpperCase()],
      ['origin', originAlias(url, options.origins ?? {})],
      ['path', url.pathname],
      ['query', sortedPairs(url.searchParams, 'query')],
      ...(listed.length === 0 ? [] : [['headers', sortedPairs(listed, 'field')] as const]),
      ...(body === undefined ? [] : [['body', httpBodyIdentity(body, contentType(headers))] as const]),
    ]),
  );
}

function contentType(headers: readonly (readonly [string, string])[]): string {
  return headers.find(([name]) => name === 'content-type')?.[1] ?? '';
}

function listedHeaders(
  headers: readonly (readonly [string, string])[],
  names: readonly string[],
): readonly (readonly [string, string])[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return headers.filter(([name]) => wanted.has(name));
}

/** An origin's alias, `loopback` for this machine, or the origin itself. */
export function originAlias(url: URL, origins: Readonly<Record<string, readonly string[]>>): string {
  const origin = url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
  for (const [alias, members] of Object.entries(origins)) {
    if (members.some((member) => new URL(member).origin === origin)) return alias;
  }
  return isLoopback(url.hostname) ? 'loopback' : origin;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname) ||
    hostname === '[::1]'
  );
}
