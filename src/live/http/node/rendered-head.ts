// The head of a request of node:http that is rendered but not sent yet. Node renders it with the first part of the body, or
// when the request is made, and allows no headers to be set after that.
import { validateHeaderName } from 'node:http';
import type { ClientRequest } from 'node:http';
import { assert } from '../../../base/assert.ts';

/** Where node keeps a request until it has a socket. */
interface Rendered {
  _header?: string | null;
  readonly outputData?: readonly { data: unknown }[];
  outputSize?: number;
}

/** The headers as they will be sent, no matter how they were set. */
export function renderedHeaders(request: ClientRequest): readonly (readonly [string, string])[] {
  const head = String((request as unknown as Rendered)._header ?? '');
  const headers: (readonly [string, string])[] = [];
  // The first line is that of the request.
  for (let start = head.indexOf('\r\n') + 2; start > 1; ) {
    const end = head.indexOf('\r\n', start);
    const line = head.slice(start, end < 0 ? undefined : end);
    const colon = line.indexOf(':');
    if (colon >= 0) headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
    start = end + 2;
  }
  return headers;
}

/**
 * Adds a header at the end, unless there is one of that name. The value must be plain ASCII, because the head goes out in
 * the encoding of the first part of the body.
 *
 * @throws TypeError for an invalid header name
 */
export function addRenderedHeader(request: ClientRequest, name: string, value: string): void {
  validateHeaderName(name);
  if (renderedHeaders(request).some(([given]) => given.toLowerCase() === name.toLowerCase())) return;
  const rendered = request as unknown as Rendered;
  if (rendered._header === null || rendered._header === undefined) {
    if (!request.hasHeader(name)) request.setHeader(name, value);
    return;
  }
  const head = rendered._header;
  const first = rendered.outputData?.[0];
  const data = typeof first?.data === 'string' ? first.data : '';
  // Failing is better than sending a request without its key: nobody could recognize it when it is sent again.
  assert(
    first !== undefined && head.endsWith('\r\n\r\n') && data.startsWith(head),
    'the rendered head of a node:http request is not in its output buffer',
  );
  const line = `${name}: ${value}\r\n`;
  const longer = `${head.slice(0, -2)}${line}\r\n`;
  first.data = longer + data.slice(head.length);
  rendered._header = longer;
  rendered.outputSize = (rendered.outputSize ?? 0) + line.length;
}
