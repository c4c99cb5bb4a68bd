// The usual call of `fetch`: an address and an object that says the rest in forms which cannot fail. It is read as it
// stands. A Request made of it would cost as much as the rest of the recording, and a body taken back out of a Request is
// a stream, which leaves in a packet of its own.

export interface PlainCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
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
    return { method: 'GET', url, headers: new Headers(), body: undefined, signal: undefined, more: {} };
  if (!isPlain(init) || !Object.keys(init).every((name) => known.has(name))) return undefined;
  const { method = 'GET', headers: given, body, signal, ...more } = init;
  if (!methods.has(method) || !(signal === undefined || signal === null || signal instanceof AbortSignal))
    return undefined;
  if (body !== undefined && (typeof body !== 'string' || method === 'GET' || method === 'HEAD')) return undefined;
  const headers = plainHeaders(given);
  if (headers === undefined || !isPlainRest(more)) return undefined;
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  return { method, url, headers, body, signal: signal ?? undefined, more };
}

function plainUrl(input: unknown): string | undefined {
  if (typeof input !== 'string' && !(input instanceof URL)) return undefined;
  const url = URL.parse(String(input));
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    ? url.href
    : undefined;
}

/** A copy: the caller may change its own before the request leaves. */
function plainHeaders(given: HeadersInit | undefined): Headers | undefined {
  if (given !== undefined && !(given instanceof Headers) && !Array.isArray(given) && !isPlain(given)) return undefined;
  try {
    return new Headers(given);
  } catch {
    return undefined;
  }
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
