// What Bun and Deno read below the stream of a body is read through it: whichever method is called.
import { expect, it } from 'vitest';
import { readThroughBody } from '../../../../../src/live/http/fetch/read-inside.ts';

/** A response whose reader tells what it gives. */
function watched(text: string): { readonly response: Response; readonly seen: string[] } {
  const response = new Response(text, { status: 201, headers: { 'content-type': 'application/json' } });
  const body = response.body as ReadableStream<Uint8Array>;
  const getReader = body.getReader.bind(body) as () => ReadableStreamDefaultReader<Uint8Array>;
  const seen: string[] = [];
  const watchedReader = (): ReadableStreamDefaultReader<Uint8Array> => {
    const reader = getReader();
    const read = reader.read.bind(reader);
    reader.read = async () => {
      const part = await read();
      seen.push(part.done ? 'end' : new TextDecoder().decode(part.value));
      return part;
    };
    return reader;
  };
  Object.assign(body, { getReader: watchedReader });
  readThroughBody(response);
  return { response, seen };
}

it.each(['arrayBuffer', 'blob', 'bytes', 'json', 'text'] as const)('%s reads through the stream', async (name) => {
  const { response, seen } = watched('{"a":1}');
  expect(response.bodyUsed).toBe(false);
  expect(await response[name]()).toEqual(await new Response('{"a":1}', response)[name]());
  expect(seen).toEqual(['{"a":1}', 'end']);
  expect(response.bodyUsed).toBe(true);
  await expect(response.text()).rejects.toThrow(TypeError);
  expect(() => response.clone()).toThrow(TypeError);
});

it('refuses a body that somebody else reads', async () => {
  const { response } = watched('1');
  response.body?.getReader();
  await expect(response.json()).rejects.toThrow(TypeError);
});
