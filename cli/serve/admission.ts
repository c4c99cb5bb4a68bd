// Whether a request comes from the person who started the server. Everything it is judged by is in its head.
//   Owns:         method, address, Host, Origin and token.
//   Invariants:   what is refused is refused before anything of a run is read, and always with the same answer.
import { createHash, timingSafeEqual } from 'node:crypto';

export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

export interface ServerSecrets {
  readonly port: number;
  readonly token: string;
}

/** What is asked for: the decoded parts of the path after the token, and the query. */
export interface Admitted {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

const urlLengthMax = 8_192;

/** Undefined if the request is refused. */
export function admitted({ method, url = '', rawHeaders }: RequestHead, own: ServerSecrets): Admitted | undefined {
  const headers = headersOf(rawHeaders);
  const hosts = headers('host');
  const [host = ''] = hosts;
  // A name that another site lets point to this machine is a host of its own.
  const isOwnHost = hosts.length === 1 && [`127.0.0.1:${own.port}`, `localhost:${own.port}`].includes(host);
  // A browser says of a request that a page of another site makes where it comes from.
  const isOwnOrigin = headers('origin').every((origin) => origin === `http://${host}`);
  const isOwnSite = headers('sec-fetch-site').every((site) => site === 'none' || site === 'same-origin');
  if (method !== 'GET' || url.length > urlLengthMax || !isOwnHost || !isOwnOrigin || !isOwnSite) return undefined;
  const [path = '', ...rest] = url.split('?');
  const [empty, token = '', ...parts] = path.split('/');
  if (empty !== '' || !isSame(token, own.token)) return undefined;
  const decoded = parts.map(decodedPart);
  if (decoded.some((part) => part === undefined)) return undefined;
  return { path: decoded as readonly string[], query: new URLSearchParams(rest.join('?')) };
}

function headersOf(raw: readonly string[]): (name: string) => readonly string[] {
  return (name) => raw.filter((_value, place) => place % 2 === 1 && raw[place - 1]?.toLowerCase() === name);
}

/** Takes as long for every token, of whatever length. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function decodedPart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
