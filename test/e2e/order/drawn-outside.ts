// What racing graphs ask outside of them: answers after a time that is drawn, some at once, some in the turn in which they
// were asked for.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import type { Outside } from './racing-graphs.ts';

/** For a test file, at whose end it closes. */
export async function drawnOutside(seed: string, name: string): Promise<Outside> {
  const { next } = drawStream(seed, name);
  const server = createServer((request, response) => {
    void (async () => {
      for (let part = 0; part < 4; part += 1) {
        await wait(Math.floor(next() * 4) + 1);
        response.write(`${request.url}${part} `);
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async call(result) {
      const ms = Math.floor(next() * 9) - 2;
      if (ms > 0) await wait(ms);
      else if (ms === 0) await new Promise((resolve) => setImmediate(resolve));
      return result;
    },
  };
}
