// A way to a server that delays, cuts and goes silent.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface TestProxy {
  readonly port: number;
  /** The port of the server behind it, for connections that are opened from now on. */
  to: number;
  /** Later, everything takes this long, each way. */
  delayMs: number;
  /** Nothing comes through, and nobody is told. */
  isSilent: boolean;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function startProxy(to: number): Promise<TestProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer({ noDelay: true }, (client) => {
    const behind = connect({ port: proxy.to, host: '127.0.0.1', noDelay: true });
    const pair = [client, behind] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const [from, other] of [pair, [behind, client]] as const) {
      from.on('data', (bytes) => {
        if (proxy.isSilent) return;
        if (proxy.delayMs === 0) other.write(bytes);
        else setTimeout(() => other.destroyed || other.write(bytes), proxy.delayMs);
      });
      from.on('error', end);
      from.on('close', end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: TestProxy = {
    port: (server.address() as AddressInfo).port,
    to,
    delayMs: 0,
    isSilent: false,
    cut: () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    close: async () => {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
