import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointPattern, fitsEndpoint } from '../../../src/journal/http/endpoint-pattern.ts';

interface Shape {
  readonly method: string | undefined;
  readonly scheme: 'http' | 'https' | '*';
  readonly host: string;
  readonly port: string | undefined;
  readonly path: string;
}

const label = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', 'a*b', '*a*', 'a*b*a');
const shape: fc.Arbitrary<Shape> = fc.record({
  method: fc.constantFrom(undefined, 'GET', 'POST'),
  scheme: fc.constantFrom('http', 'https', '*'),
  host: fc.array(label, { minLength: 1, maxLength: 2 }).map((labels) => `${labels.join('.')}.test`),
  port: fc.constantFrom(undefined, '*', '8080'),
  path: fc
    .array(fc.oneof(label, fc.constant('')), { minLength: 1, maxLength: 3 })
    .map((parts) => `/${parts.join('/')}`),
});
const textOf = ({ method, scheme, host, port, path }: Shape): string =>
  `${method === undefined ? '' : `${method} `}${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}`;

const word = fc.constantFrom('', 'a', 'b', 'ab', 'aba', 'aab', 'ba', 'abab');
const request = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  scheme: fc.constantFrom('http', 'https'),
  host: fc
    .array(word, { minLength: 1, maxLength: 2 })
    .map((labels) => `${labels.filter((text) => text !== '').join('.') || 'a'}.test`),
  port: fc.constantFrom('', ':8080', ':9'),
  path: fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
});

/** What a pattern means, written as an expression that may be slow. */
function meaning({ method, scheme, host, port, path }: Shape): RegExp {
  const any = (text: string): string => text.replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  const ports = { '*': '(?::\\d+)?', '8080': ':8080' }[port ?? ''] ?? '';
  const rest = path.endsWith('*') ? '(?:/.*)?' : '';
  return new RegExp(
    `^${method ?? '\\w+'} ${scheme === '*' ? 'https?' : scheme}://${host
      .replaceAll('.', '\\.')
      .replaceAll('*', '[^/:]*')}${ports}${any(path)}${rest}$`,
  );
}

describe('a pattern of an address', () => {
  it('takes what it says, and nothing else', () => {
    fc.assert(
      fc.property(shape, request, (given, { method, scheme, host, port, path }) => {
        const pattern = endpointPattern(textOf(given));
        if (pattern === undefined) throw new Error(`no pattern: ${textOf(given)}`);
        const url = new URL(`${scheme}://${host}${port}${path}`);
        expect(fitsEndpoint(pattern, { method, url })).toBe(
          meaning(given).test(`${method} ${scheme}://${url.host}${url.pathname}`),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes every address that its wildcards are filled in for', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.constantFrom('a', 'ab', 'b'), { minLength: 12, maxLength: 12 }),
        (given, fills) => {
          const left = [...fills];
          const filled = (text: string): string => text.replaceAll('*', () => left.pop() ?? 'a');
          const pattern = endpointPattern(textOf(given));
          if (pattern === undefined) throw new Error(`no pattern: ${textOf(given)}`);
          const scheme = given.scheme === '*' ? 'https' : given.scheme;
          const port = given.port === undefined ? '' : `:${given.port === '*' ? '7' : given.port}`;
          const url = new URL(`${scheme}://${filled(given.host)}${port}${filled(given.path)}?a=1`);
          expect(fitsEndpoint(pattern, { method: given.method ?? 'PUT', url })).toBe(true);
        },
      ),
    );
  });

  it('with thousands of wildcards is tried once', () => {
    const pattern = endpointPattern(`https://a.test/${'a*'.repeat(3_000)}b`);
    const url = new URL(`https://a.test/${'a'.repeat(20_000)}`);
    expect(pattern !== undefined && fitsEndpoint(pattern, { method: 'GET', url })).toBe(false);
  });
});
