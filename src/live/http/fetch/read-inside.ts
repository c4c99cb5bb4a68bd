// Bun and Deno read the body of a Response below its stream, where nobody can watch. So that what is read is recorded, the
// methods of a watched Response read its stream, as those of Node do.
import { copyOf } from './body-reading.ts';
import type { BodyStream } from './body-reading.ts';

const readers = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const;

/** Lets a Response with a watched body read through it. */
export function readThroughBody(response: Response): void {
  let body = response.body as BodyStream;
  let isUsed = false;
  for (const name of readers) {
    const read = (): unknown => {
      if (isUsed || body.locked) throw new TypeError('Body is unusable: Body has already been read');
      isUsed = true;
      return new Response(copyOf(body.getReader()), { headers: response.headers })[name]();
    };
    replace(response, name, { value: async () => read(), writable: true });
  }
  const clone = (): Response => {
    if (isUsed || body.locked) throw new TypeError('Response.clone: Body has already been consumed.');
    const [own, other] = body.tee();
    body = own as BodyStream;
    const { status, statusText, headers, url, redirected, type } = response;
    const copy = new Response(other, { status, statusText, headers });
    for (const [key, value] of Object.entries({ url, redirected, type })) replace(copy, key, { value });
    return copy;
  };
  replace(response, 'clone', { value: clone, writable: true });
  replace(response, 'body', { get: () => body });
  replace(response, 'bodyUsed', { get: () => isUsed || body.locked });
}

function replace(target: object, name: string, property: PropertyDescriptor): void {
  Object.defineProperty(target, name, { ...property, configurable: true });
}
