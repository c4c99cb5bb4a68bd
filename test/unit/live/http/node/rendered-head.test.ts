import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../../../src/base/assert.ts';
import { addRenderedHeader, renderedHeaders } from '../../../../../src/live/http/node/rendered-head.ts';
import { unsentRequest, unsentText } from '../../../../support/unsent-request.ts';

describe('the rendered headers', () => {
  it('are those that will be sent, however they were set', () => {
    const request = unsentRequest({ headers: { 'X-One': 'a: b' } });
    request.setHeader('x-two', ['c', 'd']);
    request.end('body');
    expect(renderedHeaders(request)).toEqual([
      ['X-One', 'a: b'],
      ['Host', 'api.test'],
      ['x-two', 'c'],
      ['x-two', 'd'],
      ['Connection', 'close'],
      ['Content-Length', '4'],
    ]);
  });

  it('are none before node has rendered them', () => {
    expect(renderedHeaders(unsentRequest({ headers: { a: 'b' } }))).toEqual([]);
  });
});

describe('a header that is added', () => {
  it.each([
    ['a text', 'body'],
    ['bytes', Buffer.from('body')],
  ])('is sent last, before a body of %s, which stays as it is', (_what, body) => {
    const request = unsentRequest();
    request.end(body);
    const before = unsentText(request);
    const [head, rest] = before.split('\r\n\r\n');
    addRenderedHeader(request, 'x-key', '1');
    expect(unsentText(request)).toBe(`${head}\r\nx-key: 1\r\n\r\n${rest}`);
    expect(renderedHeaders(request).at(-1)).toEqual(['x-key', '1']);
  });

  it('counts in the size of what waits to be sent', () => {
    const request = unsentRequest();
    request.end('body');
    const sizeOf = (): number => (request as unknown as { readonly outputSize: number }).outputSize;
    const before = sizeOf();
    addRenderedHeader(request, 'x-key', '1');
    expect(sizeOf() - before).toBe('x-key: 1\r\n'.length);
  });

  it('is left out where the caller has set one of that name', () => {
    const request = unsentRequest({ headers: { 'X-Key': 'mine' } });
    request.end();
    const before = unsentText(request);
    addRenderedHeader(request, 'x-key', '1');
    expect(unsentText(request)).toBe(before);
  });

  it('has to have a name that a header can have', () => {
    const request = unsentRequest();
    request.end();
    expect(() => addRenderedHeader(request, 'x key', '1')).toThrow(TypeError);
  });

  it('is set like any other before the head is rendered, and replaces none', () => {
    const request = unsentRequest();
    addRenderedHeader(request, 'x-key', '1');
    addRenderedHeader(request, 'X-Key', '2');
    request.end();
    expect(renderedHeaders(request)).toContainEqual(['x-key', '1']);
  });

  it('is never lost: without its head in the buffer nothing may be sent', () => {
    const request = unsentRequest();
    request.end('body');
    (request as unknown as { outputData: unknown[] }).outputData = [];
    expect(() => addRenderedHeader(request, 'x-key', '1')).toThrow(AssertionFault);
  });
});
