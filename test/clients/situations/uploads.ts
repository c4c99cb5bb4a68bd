// What clients send, and the ways by which it goes out.
import type { Served, Situation } from './situation.ts';

const received = ({ request, response, body }: Served): void => {
  const type = (request.headers['content-type'] ?? '').replace(/boundary=.*/, 'boundary=…');
  const framing =
    (request.headers['transfer-encoding'] ?? request.headers['content-length'] === undefined) ? 'chunked' : 'length';
  const isForm = type.startsWith('multipart/');
  const got = isForm ? /filename="[^"]*"/.exec(body.toString('latin1'))?.[0] : `${body.byteLength} bytes`;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ method: request.method, type, framing: isForm ? '' : framing, got }));
};

const not = { model: 'its API has no such call', service: 'its API has no such call' };
const upload = (name: string, ask: Situation['ask'], more: Partial<Situation> = {}): Situation => ({
  name,
  group: 'Uploads and ways',
  serve: received,
  ask: { method: 'POST', ...ask },
  needs: ['method', 'body'],
  not,
  ...more,
});

export const uploads: readonly Situation[] = [
  upload('post-json', { body: { kind: 'text', text: '{"question":"?"}', type: 'application/json' } }),
  upload('post-form', { body: { kind: 'text', text: 'a=1&b=two', type: 'application/x-www-form-urlencoded' } }),
  upload('post-large', { body: { kind: 'text', text: 'x'.repeat(300_000), type: 'text/plain' } }),
  upload('post-empty', { body: undefined }, { needs: ['method'] }),
  upload('put', { method: 'PUT', body: { kind: 'text', text: 'new', type: 'text/plain' } }),
  upload('patch', { method: 'PATCH', body: { kind: 'text', text: '[]', type: 'application/json' } }),
  upload('delete', { method: 'DELETE' }, { needs: ['method'] }),
  upload(
    'stream-up',
    { body: { kind: 'stream', parts: ['first ', 'second ', 'third'] } },
    { needs: ['method', 'stream up'] },
  ),
  upload('multipart', { body: { kind: 'form', fields: { a: '1' }, file: 'hello' } }, { needs: ['method', 'form'] }),
  upload(
    'expect-100',
    { headers: { expect: '100-continue' }, body: { kind: 'text', text: 'after 100', type: 'text/plain' } },
    { needs: ['method', 'body', 'headers'] },
  ),
  upload(
    'error-before-body-ends',
    { body: { kind: 'text', text: 'y'.repeat(200_000), type: 'text/plain' } },
    { serve: ({ response }) => void response.writeHead(413, { 'content-type': 'text/plain' }).end('too large') },
  ),
  { name: 'unix-socket', group: 'Uploads and ways', serve: received, target: 'unix socket', needs: ['unix'], not },
  { name: 'proxy', group: 'Uploads and ways', serve: received, target: 'proxy', needs: ['proxy'], not },
];
