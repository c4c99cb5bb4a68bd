// The head of a request of node:http that is written and not yet sent: node renders it with the first part of the body, or
// when the request is made, and from then on lets nobody set a header.
import { validateHeaderName } from 'node:http';
import type { ClientRequest } from 'node:http';
import { assert } from '../../../base/assert.ts';

/** What node keeps of a request until a socket takes it. */
interface Rendered {
  _header?: string | null;
  readonly outputData?: readonly { data: unknown }[];
  outputSize?: number;
}

/** The headers as they will be sent, however they were set. */
export function renderedHeaders(request: ClientRequest): readonly (readonly [string, string])[] {
  const lines = String((request as unknown as Rendered)._header ?? '').split('\r\n');
  return lines.slice(1).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
  });
}

/**
 * Adds a header behind those that are there, unless there is one of that name. The value is our own, and plain ASCII: the
 * head goes out in whatever encoding the first part of the body has.
 *
 * @throws TypeError for a name that no header can have
 */
export function addRenderedHeader(request: ClientRequest, name: string, value: string): void {
  validateHeaderName(name);
  if (renderedHeaders(request).some(([given]) => given.toLowerCase() === name.toLowerCase())) return;
  const rendered = request as unknown as Rendered;
  const head = rendered._header ?? '';
  const first = rendered.outputData?.[0];
  const data = typeof first?.data === 'string' ? first.data : '';
  // Better not sent than sent without its key: a second one could then not be told from it.
  assert(
    first !== undefined && head.endsWith('\r\n\r\n') && data.startsWith(head),
    'the head of a request of node:http is not where it is kept until it is sent',
  );
  const line = `${name}: ${value}\r\n`;
  const longer = `${head.slice(0, -2)}${line}\r\n`;
  first.data = longer + data.slice(head.length);
  rendered._header = longer;
  rendered.outputSize = (rendered.outputSize ?? 0) + line.length;
}
