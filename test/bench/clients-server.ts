// The server of the bench of clients, in a process of its own. It answers as the client expects, and tells its parent when
// the first byte of a request came, when it wrote the first byte of a stream, and when the client had gone.
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Content } from '../clients/client.ts';

/** `during`: the measurement in which the request came. */
export type Seen = { readonly what: 'up' | 'down' | 'gone'; readonly at: number; readonly during: number };

const { type, body, events, headers = {} } = JSON.parse(process.argv[2] as string) as Content;
let measurement = 0;

const server = createServer((request, response) => {
  const during = measurement;
  const tell = (what: Seen['what']): void =>
    void process.send?.({ what, at: Number(process.hrtime.bigint()) / 1e6, during } satisfies Seen);
  const isStreamed = request.url?.includes('~streamed') === true;
  if (hasBody(request)) request.once('data', () => tell('up'));
  else tell('up');
  response.on('error', () => undefined);
  request.resume().on('end', () => {
    if (!isStreamed) {
      const length = Buffer.byteLength(body);
      response.writeHead(200, { 'content-type': type, 'content-length': length, ...headers }).end(body);
      return;
    }
    response.on('close', () => tell('gone'));
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    tell('down');
    // Some clients give nothing of the first event alone. It never ends by itself.
    response.write(events.slice(0, -1).join(''));
  });
});

function hasBody({
  headers: { 'transfer-encoding': coding, 'content-length': length = '0' },
}: IncomingMessage): boolean {
  return coding !== undefined || Number(length) > 0;
}

server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (number: number) => {
  measurement = number;
  process.send?.('ready');
});
process.on('disconnect', () => process.exit());
