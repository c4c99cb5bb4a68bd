// What several clients share: bodies in the form that each takes, and reading what comes back.
import { Readable } from 'node:stream';

export const content = {
  type: 'application/json',
  body: '{"answer":"It is 42.","list":[1,2,3]}',
  events: ['data: {"n":1}\n\n', 'data: {"n":2}\n\n', 'data: [DONE]\n\n'],
  failure: '{"error":{"message":"not like this","type":"invalid_request_error"}}',
};

/** A body as Node's streams and strings have it. */
export function nodeBody(body) {
  if (body?.kind === 'text') return body.text;
  if (body?.kind === 'stream') return Readable.from(body.parts.map((part) => Buffer.from(part)));
  return undefined;
}

/** A body as `fetch` takes it. */
export function webBody(body, Form = FormData) {
  if (body?.kind === 'text') return body.text;
  if (body?.kind === 'form') {
    const form = new Form();
    for (const [name, value] of Object.entries(body.fields)) form.append(name, value);
    form.append('file', new Blob([body.file], { type: 'text/plain' }), 'a.txt');
    return form;
  }
  if (body?.kind === 'stream') {
    const parts = [...body.parts];
    return new ReadableStream({
      pull(control) {
        const part = parts.shift();
        if (part === undefined) control.close();
        else control.enqueue(Buffer.from(part));
      },
    });
  }
  return undefined;
}

export const headersOf = ({ headers, body }) =>
  body?.kind === 'text' ? { 'content-type': body.type, ...headers } : { ...headers };

/** The signal of a client without a timeout of its own. */
export function signalOf({ signal, timeoutMs }) {
  if (timeoutMs === undefined) return signal;
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

export async function readStream(stream, ask, sight) {
  if (ask.reading === 'whole') {
    const parts = [];
    for await (const part of stream) parts.push(Buffer.from(part));
    sight.body(Buffer.concat(parts));
    return;
  }
  for await (const part of stream) {
    sight.part(part);
    ask.onPart();
  }
}

/** Reads a Response as pages and SDKs do. */
export async function readResponse(response, ask, sight) {
  const { status, statusText, ok, redirected, type, url } = response;
  sight.head({
    status,
    statusText,
    ok,
    redirected,
    type,
    path: url && new URL(url).pathname,
    headers: [...response.headers],
  });
  if (ask.reading === 'parts' && response.body !== null) await readStream(response.body, ask, sight);
  else sight.body(new Uint8Array(await response.arrayBuffer()));
}

export const noUnix = 'fetch has no option for a Unix socket';
export const noProxy = 'it takes no proxy, except by a dispatcher or an agent (see there)';
