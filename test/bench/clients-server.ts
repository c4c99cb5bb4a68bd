// The server of the bench of clients, in a process of its own. It answers as the client expects, and tells its parent when
// the first byte of a request came, when it wrote the first byte of a stream, and when the client had gone.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Content } from '../clients/client.ts';

export type Seen = { readonly what: 'up' | 'down' | 'gone'; readonly at: number };

const { type, body, events } = JSON.parse(process.argv[2] as string) as Content;
const tell = (what: Seen['what']): void =>
  void process.send?.({ what, at: Number(process.hrtime.bigint()) / 1e6 } satisfies Seen);

const server = createServer((request, response) => {
  const isStreamed = request.url?.includes('~streamed') === true;
  request.once('data', () => tell('up'));
  response.on('error', () => undefined);
  request.resume().on('end', () => {
    if (!isStreamed) {
      response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
      return;
    }
    response.on('close', () => tell('gone'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    tell('down');
    response.write(events[0]);
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
