// What a server may answer that is in order.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { pause } from '../../support/loopback-server.ts';
import type { Served, Situation } from './situation.ts';

export const healthy = ({ response, content }: Served): void => {
  response.writeHead(200, { 'content-type': content.type, 'x-request-id': 'req_1' }).end(content.body);
};

const coded = (name: string, encode: (text: string) => Buffer): Situation => ({
  name,
  group: 'Answers',
  serve: ({ response, content }) => {
    const encoded = encode(content.body);
    response.writeHead(200, {
      'content-type': content.type,
      'content-encoding': name,
      'content-length': encoded.byteLength,
    });
    response.end(encoded);
  },
});

const status = (code: number, text: string, more: Partial<Situation> = {}): Situation => ({
  name: `status-${code}`,
  group: 'Answers',
  serve: ({ response, content }) => {
    response.writeHead(code, text, { 'content-type': content.type }).end(content.body);
  },
  ...more,
});

const onlyHttp = { model: 'its API has no such call', service: 'its API has no such call' };

export const answers: readonly Situation[] = [
  { name: 'success', group: 'Answers', serve: healthy },
  { name: 'two-calls', group: 'Answers', serve: healthy, calls: { count: 2, together: false } },
  {
    name: 'four-at-once',
    group: 'Answers',
    serve: ({ response, content, count }) => {
      response.writeHead(200, { 'content-type': content.type, 'x-count': `${(count - 1) % 4}` }).end(content.body);
    },
    calls: { count: 4, together: true },
  },
  coded('gzip', gzipSync),
  coded('deflate', deflateSync),
  coded('br', brotliCompressSync),
  coded('zstd', zstdCompressSync),
  {
    name: 'chunked',
    group: 'Answers',
    serve: async ({ response, content }) => {
      response.writeHead(200, { 'content-type': content.type });
      const half = Math.floor(content.body.length / 2);
      response.write(content.body.slice(0, half));
      await pause(10);
      response.end(content.body.slice(half));
    },
  },
  {
    name: 'until-close',
    group: 'Answers',
    serve: ({ response, content }) => {
      response.writeHead(200, { 'content-type': content.type, connection: 'close' });
      response.end(content.body);
    },
  },
  {
    name: 'headers',
    group: 'Answers',
    serve: ({ response, content }) => {
      response.writeHead(200, 'Everything Fine', [
        ...[
          'Content-Type',
          content.type,
          'Set-Cookie',
          'session=8c1f0b7e55d24d1f9a3c; Path=/',
          'Set-Cookie',
          'theme=b2d4f6a8c0e2',
          'X-MIXED-Case',
          'One',
        ],
        ...['x-mixed-case', 'two', 'ETag', '"v1"', 'Retry-After', '7', 'Link', '<https://x.test>; rel="next"'],
      ]);
      response.end(content.body);
    },
  },
  {
    name: 'trailers',
    group: 'Answers',
    serve: ({ response, content }) => {
      response.writeHead(200, { 'content-type': content.type, trailer: 'X-Sum' });
      response.write(content.body);
      response.addTrailers({ 'X-Sum': 'abc' });
      response.end();
    },
  },
  {
    name: 'early-hints',
    group: 'Answers',
    serve: (served) => {
      served.response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      healthy(served);
    },
  },
  { name: 'status-204', group: 'Answers', serve: ({ response }) => void response.writeHead(204).end(), not: onlyHttp },
  {
    name: 'status-304',
    group: 'Answers',
    serve: ({ response }) => void response.writeHead(304, { etag: '"v1"' }).end(),
    ask: { headers: { 'if-none-match': '"v1"' } },
    needs: ['headers'],
    not: onlyHttp,
  },
  status(201, 'Created'),
  status(599, 'Odd'),
  status(999, 'Request denied', {
    not: { service: 'its server never answers so', model: 'its server never answers so' },
  }),
  {
    name: 'head',
    group: 'Answers',
    serve: ({ response }) => void response.writeHead(200, { 'content-length': '123456', etag: '"e"' }).end(),
    ask: { method: 'HEAD' },
    needs: ['method'],
    not: onlyHttp,
  },
  {
    name: 'range',
    group: 'Answers',
    serve: ({ response, request }) => {
      const from = Number(/=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${from + 3}/10` })
        .end('0123456789'.slice(from, from + 4));
    },
    ask: { headers: { range: 'bytes=2-5' } },
    needs: ['headers'],
    not: onlyHttp,
  },
  {
    name: 'empty',
    group: 'Answers',
    serve: ({ response }) => void response.writeHead(200, { 'content-length': '0' }).end(),
  },
  {
    name: 'one-megabyte',
    group: 'Answers',
    serve: ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.alloc(1 << 20, 'abcdefg\n'));
    },
    not: onlyHttp,
  },
  {
    name: 'bytes',
    group: 'Answers',
    serve: ({ response }) => {
      response
        .writeHead(200, { 'content-type': 'image/png' })
        .end(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    },
    not: onlyHttp,
  },
  ...[301, 302, 303, 307, 308].map(
    (code): Situation => ({
      name: `redirect-${code}`,
      group: 'Redirects',
      serve: (served) => {
        if (served.rest.endsWith('landed')) return healthy(served);
        served.response.writeHead(code, { location: `${served.base}/landed` }).end();
      },
      ask: code === 302 ? {} : { method: 'POST', body: { kind: 'text', text: '{"a":1}', type: 'application/json' } },
      needs: code === 302 ? ['redirects'] : ['redirects', 'method', 'body'],
      not: onlyHttp,
    }),
  ),
  {
    name: 'redirect-loop',
    group: 'Redirects',
    serve: ({ response, base }) => void response.writeHead(302, { location: base }).end(),
    needs: ['redirects'],
    not: onlyHttp,
  },
  {
    name: 'streamed',
    group: 'Streams',
    serve: async ({ response, content }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of content.events) {
        response.write(event);
        await pause(10);
      }
      response.end();
    },
    ask: { reading: 'parts' },
    needs: ['stream down'],
  },
  {
    name: 'streamed-gzip',
    group: 'Streams',
    serve: ({ response, content }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync(content.events.join('')));
    },
    ask: { reading: 'parts' },
    needs: ['stream down'],
  },
];
