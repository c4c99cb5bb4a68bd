// Patterns for addresses, such as `POST https://*.example.com/v1/traces`.
//   P1. A pattern takes as little as it says: a method and a port if they are named, and a whole path. `*` stands for
//       any characters but `/`; at the end of a path, for all that follows.
//   P2. Matching takes time linear in the address for a given pattern: patterns come from files too.
import { isLoopback } from './origin.ts';

export interface EndpointPattern {
  /** Undefined for any. */
  readonly method: string | undefined;
  readonly protocol: string | undefined;
  readonly host: Glob;
  /** Every name of this machine counts as the same. */
  readonly isLoopback: boolean;
  /** '' for the port that belongs to the protocol, undefined for any. */
  readonly port: string | undefined;
  readonly segments: readonly Glob[];
  /** It ends in `*`: what follows the last segment counts too. */
  readonly isOpen: boolean;
}

/** The texts between wildcards. */
type Glob = readonly string[];

const form = /^(?:([A-Z]+) +)?(\*|https?):\/\/([^\s/?#:@[\]]+|\[[\da-f:.]+\])(?::(\d{1,5}|\*))?(\/[^\s?#]*)$/;

/** Undefined for a text that is no pattern. */
export function endpointPattern(text: string): EndpointPattern | undefined {
  const [, method, scheme = '', hostText = '', portText, pathText = ''] = form.exec(text) ?? [];
  const plain = `http://${hostText}${pathText}`;
  if (!URL.canParse(plain)) return undefined;
  const { hostname, pathname } = new URL(plain);
  return {
    method,
    protocol: scheme === '*' ? undefined : `${scheme}:`,
    host: hostname.split('*'),
    isLoopback: isLoopback(hostname),
    port: portOf(portText, scheme, isLoopback(hostname)),
    segments: pathname.split('/').map((segment) => segment.split('*')),
    isOpen: pathname.endsWith('*'),
  };
}

const usualPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** Services move between the ports of this machine, so a pattern need not name one there. */
function portOf(port: string | undefined, scheme: string, isLocal: boolean): string | undefined {
  if (port === '*') return undefined;
  if (port === undefined) return isLocal ? undefined : '';
  return port === usualPorts[scheme] ? '' : port;
}

export interface EndpointRequest {
  readonly method: string;
  readonly url: URL;
}

export function fitsEndpoint(pattern: EndpointPattern, { method, url }: EndpointRequest): boolean {
  return (
    (pattern.method === undefined || pattern.method === method.toUpperCase()) &&
    (pattern.protocol === undefined || pattern.protocol === url.protocol) &&
    (pattern.port === undefined || pattern.port === url.port) &&
    fitsHost(pattern, url.hostname) &&
    fitsPath(pattern, url.pathname)
  );
}

export function fitsHost(pattern: Pick<EndpointPattern, 'host' | 'isLoopback'>, hostname: string): boolean {
  return pattern.isLoopback ? isLoopback(hostname) : fitsGlob(pattern.host, hostname);
}

function fitsPath({ segments, isOpen }: EndpointPattern, path: string): boolean {
  const asked = path.split('/');
  const isLongEnough = isOpen ? asked.length >= segments.length : asked.length === segments.length;
  return isLongEnough && segments.every((segment, place) => fitsGlob(segment, asked[place] ?? ''));
}

/** The earliest place for each text leaves the most room for the next, so nothing has to be tried twice. */
function fitsGlob(texts: Glob, whole: string): boolean {
  const first = texts[0] ?? '';
  const last = texts.at(-1) ?? '';
  if (texts.length === 1) return whole === first;
  if (whole.length < first.length + last.length || !whole.startsWith(first) || !whole.endsWith(last)) return false;
  const end = whole.length - last.length;
  let from = first.length;
  for (const text of texts.slice(1, -1)) {
    const place = whole.indexOf(text, from);
    if (place < 0 || place + text.length > end) return false;
    from = place + text.length;
  }
  return true;
}
