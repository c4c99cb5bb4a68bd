// The usual call of `fetch`: an address and an object that says the rest in forms which cannot fail. It is read as it
// stands. A Request made of it would cost as much as the rest of the recording, and a body taken back out of a Request is
// a stream, which leaves in a packet of its own.
import { addressOf } from '../../../journal/http/address.ts';

export interface PlainCall {
  readonly method: string;
  readonly url: string;
  /** What the request says, in lower case. */
  readonly headers: Iterable<readonly [string, string]>;
  /** A copy of what the caller gave: it may change its own before the request leaves. */
  readonly given: HeadersInit;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** What else `fetch` was told. */
  readonly more: RequestInit & { readonly dispatcher?: unknown };
}

const methods: ReadonlySet<unknown> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const known: ReadonlySet<string> = new Set([
  'method',
  'headers',
  'body',
  'signal',
  'redirect',
  'keepalive',
  'dispatcher',
]);

/** Undefined for a call that says it in other ways, or is not valid. Each part of it is read once. */
export function plainCall(input: unknown, init: RequestInit | undefined): PlainCall | undefined {
  const url = plainUrl(input);
  if (url === undefined) return undefined;
  if (init === undefined)
    return { method: 'GET', url, headers: [], given: [], body: undefined, signal: undefined, more: {} };
  if (!isPlain(init) || !Object.keys(init).every((name) => known.has(name))) return undefined;
  const { method = 'GET', headers: said, body, signal, ...more } = init;
  if (!methods.has(method) || !(signal === undefined || signal === null || signal instanceof AbortSignal))
    return undefined;
  if (body !== undefined && (typeof body !== 'string' || method === 'GET' || method === 'HEAD')) return undefined;
  const headers = plainHeaders(said);
  if (headers === undefined || !isPlainRest(more)) return undefined;
  return { method, url, ...headers, body, signal: signal ?? undefined, more };
}

function plainUrl(input: unknown): string | undefined {
  if (typeof input !== 'string' && !(input instanceof URL)) return undefined;
  return addressOf(String(input))?.plainHref;
}

type SaidHeaders = Pick<PlainCall, 'headers' | 'given'>;

function plainHeaders(said: HeadersInit | undefined): SaidHeaders | undefined {
  if (said === undefined) return { headers: [], given: [] };
  if (!(said instanceof Headers) && !Array.isArray(said)) {
    if (!isPlain(said)) return undefined;
    const usual = usualHeaders(said);
    if (usual !== undefined) return usual;
  }
  try {
    const headers = new Headers(said);
    return { headers, given: headers };
  } catch {
    return undefined;
  }
}

const usualName = /^[A-Za-z][\w-]*$/;
const usualValue = /^[\t -~]*$/;

/** Names and values as nearly all are: they need no class of the platform to read them. */
function usualHeaders(said: object): SaidHeaders | undefined {
  if (Object.getOwnPropertySymbols(said).length > 0) return undefined;
  const given: Record<string, string> = {};
  const headers: [string, string][] = [];
  for (const name of Object.keys(said)) {
    const value = (said as Record<string, unknown>)[name];
    if (typeof value !== 'string' || !usualName.test(name) || !usualValue.test(value) || value.trim() !== value)
      return undefined;
    const lower = name.toLowerCase();
    for (const [known] of headers) if (known === lower) return undefined;
    headers.push([lower, value]);
    given[name] = value;
  }
  return { headers, given };
}

function isPlainRest({ redirect, keepalive }: PlainCall['more']): boolean {
  return (
    (redirect === undefined || redirect === 'follow' || redirect === 'manual' || redirect === 'error') &&
    (keepalive === undefined || typeof keepalive === 'boolean')
  );
}

function isPlain(given: unknown): given is object {
  if (typeof given !== 'object' || given === null) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === Object.prototype || prototype === null;
}
