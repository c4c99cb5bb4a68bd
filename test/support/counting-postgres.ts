// As much of a PostgreSQL server as a pool of clients needs to send its queries, which are counted and answered with nothing.
import net from 'node:net';
import type { AddressInfo } from 'node:net';

const headLength = 5;

const message = (type: string, content: Buffer | string): Buffer => {
  const head = Buffer.alloc(headLength, type);
  head.writeInt32BE(Buffer.byteLength(content) + 4, 1);
  return Buffer.concat([head, Buffer.from(content)]);
};
const ready = message('Z', 'I');
const admitted = Buffer.concat([message('R', Buffer.alloc(4)), ready]);
const answered = Buffer.concat([message('C', 'UPDATE 0\0'), ready]);

export class CountingPostgres implements AsyncDisposable {
  queries = 0;
  readonly #sockets = new Set<net.Socket>();
  readonly #server = net.createServer((socket) => this.#serve(socket));

  static async start(): Promise<CountingPostgres> {
    const server = new CountingPostgres();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    let rest = Buffer.alloc(0);
    let isAdmitted = false;
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        rest = Buffer.concat([rest, bytes]);
        // The first message of a client has no type.
        for (let skip = isAdmitted ? 1 : 0; rest.length >= skip + 4; skip = 1) {
          const length = rest.readInt32BE(skip) + skip;
          if (rest.length < length) return;
          if (isAdmitted && rest.toString('latin1', 0, 1) === 'Q') {
            this.queries += 1;
            socket.write(answered);
          }
          if (!isAdmitted) socket.write(admitted);
          isAdmitted = true;
          rest = rest.subarray(length);
        }
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}
