// A stream that is read through several pipes: how far a part is in them when the next one comes is what the network left time
// for, and a replay has to leave as much.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';

const server = createServer((asked, response) => {
  const words = 'one two three four five six seven eight'.split(' ');
  const isBurst = asked.url === '/burst';
  const next = (): void => {
    const word = words.shift();
    if (word === undefined) return void response.end();
    response.write(word);
    if (isBurst) next();
    else setTimeout(next, 2);
  };
  next();
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Writes at once what has come since it wrote last, as for a slow client. */
async function batches(body: ReadableStream<BufferSource>, pipes: number): Promise<readonly number[]> {
  let waiting = 0;
  const written: number[] = [];
  const pass = (): TransformStream<string, string> => new TransformStream();
  const count = new TransformStream<string, string>({
    transform(part, to) {
      waiting += 1;
      to.enqueue(part);
    },
  });
  let stream = body.pipeThrough(new TextDecoderStream()).pipeThrough(count);
  for (let pipe = 0; pipe < pipes; pipe += 1) stream = stream.pipeThrough(pass());
  for await (const _part of stream) {
    if (waiting > 0) written.push(waiting);
    waiting = 0;
  }
  return written;
}

it.each(['/apart', '/burst'].flatMap((path) => [0, 2, 4, 8].map((pipes) => [path, pipes] as const)))(
  'comes through as it did: %s, %i pipes',
  async (path, pipes) => {
    const asking = graph('asking', { state: fields({ written: last<readonly number[]>([]) }) })
      .node('ask', async () => {
        const { body } = await fetch(url + path);
        return { delta: { written: await batches(body ?? expect.fail(), pipes) } };
      })
      .start('ask')
      .build();
    const store = memoryStore();
    await using engine = createEngine(asking, { store, effects: [httpEffects()] });
    for (const run of ['first', 'second', 'third']) {
      await engine.run({}, { runId: run }).orThrow();
      const fixture = await exportRunTo(store, run, join(temporaryFolder(), 'asking.run.jsonl'));
      const { report } = await replay(asking, fixture);
      expect(report.divergences).toEqual([]);
    }
  },
);
