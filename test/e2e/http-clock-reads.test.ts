// What a node reads of a clock between the head of an answer and its body, through clients that buffer the body: undici gives
// them its bytes as they arrive, whenever the code of the node looks at them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import OpenAI from 'openai';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';

const answer = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'hi' } }] });
const server = createServer((asked, response) => {
  response.setHeader('content-type', 'application/json');
  if (asked.url?.endsWith('/parts') !== true) return void response.end(answer);
  if (asked.url.startsWith('/burst')) {
    const letters = [...answer];
    const next = (): void => {
      const letter = letters.shift();
      if (letter === undefined) return void response.end();
      response.write(letter);
      setTimeout(next, 1);
    };
    return next();
  }
  response.write(answer.slice(0, 9));
  setTimeout(() => response.end(answer.slice(9)), 20);
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

/** As a client that is made when its module is loaded keeps it. */
const kept = globalThis.fetch;

/** A client does some things before it looks at the clock. */
async function hops(count: number): Promise<void> {
  for (let hop = 0; hop < count; hop += 1) await undefined;
}

const waiting = new Int32Array(new SharedArrayBuffer(4));

/** Time passes, so that one reading is not as good as the next. */
function readClock(): number {
  Atomics.wait(waiting, 0, 0, 3);
  return Date.now();
}

type Ask = (path: string) => Promise<readonly number[]>;

const asks: Readonly<Record<string, Ask>> = {
  fetch: async (path) => {
    const response = await fetch(url + path);
    await hops(20);
    const headed = readClock();
    await response.json();
    return [headed, readClock()];
  },
  'a kept fetch': async (path) => {
    const response = await kept(url + path);
    await hops(20);
    const headed = readClock();
    await response.json();
    return [headed, readClock()];
  },
  'request of undici': async (path) => {
    const { body } = await request(url + path);
    await hops(20);
    const headed = readClock();
    await body.json();
    return [headed, readClock()];
  },
  // The parts are there long before the code comes to them.
  'pipes that lag behind': async (path) => {
    const times: number[] = [];
    const lagging = (): TransformStream<Uint8Array, Uint8Array> =>
      new TransformStream(
        {
          async transform(part, controller) {
            await hops(30);
            times.push(readClock());
            controller.enqueue(part);
          },
        },
        { highWaterMark: 5 },
        { highWaterMark: 5 },
      );
    const { body } = await fetch(`${url}/burst${path}`);
    for await (const _part of (body ?? expect.fail()).pipeThrough(lagging()).pipeThrough(lagging())) await hops(5);
    return [...times, readClock()];
  },
  'the client of OpenAI': async () => {
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, fetch: kept });
    await client.chat.completions.create({ model: 'm', messages: [] });
    const answered = readClock();
    await client.chat.completions.create({ model: 'm', messages: [] });
    return [answered, readClock()];
  },
};

it.each(Object.keys(asks).flatMap((name) => ['/whole', '/parts'].map((path) => [name, path] as const)))(
  'are given back: %s, %s',
  async (name, path) => {
    const asking = graph('asking', { state: fields({ times: last<readonly number[]>([]) }) })
      .node('ask', async () => ({ delta: { times: (await asks[name]?.(path)) ?? [] } }))
      .start('ask')
      .build();
    const store = memoryStore();
    await using engine = createEngine(asking, { store, effects: [httpEffects()] });
    const run = await engine.run({}, { runId: 'run' });
    expect(run.status).toBe('done');
    const fixture = await exportRunTo(store, 'run', join(temporaryFolder(), 'run.run.jsonl'));
    const { report } = await replay(asking, fixture);
    expect(report.divergences).toEqual([]);
    // What undici reads for itself once a body has ended may come after the code of the node has.
    expect(report.unrecordedReads).toBe(0);
  },
);

it('are its own alone: it may get the answer by another way in a replay, and that has clocks to read as well', async () => {
  let ask: typeof fetch = kept;
  const asking = graph('asking', { state: fields({ times: last<readonly number[]>([]) }) })
    .node('ask', async () => {
      const times: number[] = [];
      for (const path of ['/parts', '/whole']) {
        const response = await ask(url + path);
        await response.json();
        // As late as that what undici reads at the end of a body is behind it.
        await new Promise((resolve) => setTimeout(resolve, 5));
        times.push(readClock(), Math.trunc(performance.now()));
      }
      return { delta: { times } };
    })
    .start('ask')
    .build();
  const store = memoryStore();
  const engine = createEngine(asking, { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'run' });
  const reads = (await collected(store.read('run'))).flatMap((entry) =>
    entry.kind === 'ambient'
      ? (entry.observed.reads ?? []).flatMap(({ source, values }) => values.map(() => source))
      : [],
  );
  expect(reads.toSorted()).toEqual(['Date.now', 'Date.now', 'performance.now', 'performance.now']);
  const fixture = await exportRunTo(store, 'run', join(temporaryFolder(), 'run.run.jsonl'));
  await engine.close();
  for (const other of [kept, ((given, init) => globalThis.fetch(given, init)) as typeof fetch]) {
    ask = other;
    const { report } = await replay(asking, fixture);
    expect([report.verdict, report.divergences, report.unrecordedReads]).toEqual(['same', [], 0]);
  }
});
