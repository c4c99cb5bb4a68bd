// Reprise beside LangGraph.js, in one run on one machine: bytes on disk, steps and chunks a second, memory of a slow reader.
// Started by `npm run bench:peers`, which installs the peer beside this file.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { append, createEngine, fields, graph, last, memoryStore, sum, text } from '../../../src/index.ts';
import type { AnyGraph, RunStore } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';

interface Message {
  readonly role: string;
  readonly content: string;
}
type Ask = (messages: readonly Message[]) => Promise<Message>;

interface Peer {
  append(steps: number, bytes: number, file: string): Promise<void>;
  constant(steps: number, bytes: number, file: string): Promise<void>;
  agent(turns: number, ask: Ask, file: string): Promise<void>;
  trivial(steps: number, file?: string): Promise<void>;
  chunks(count: number): AsyncIterable<unknown>;
}

const peer = (await import(new URL('langgraph.mjs', import.meta.url).href)) as Peer;
const folder = mkdtempSync(join(tmpdir(), 'reprise-peers-'));
let fileCount = 0;

function newFile(): string {
  fileCount += 1;
  return join(folder, `${fileCount}.db`);
}

function bytesOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum_, path) => sum_ + (existsSync(path) ? statSync(path).size : 0), 0);
}

async function bytesAfter(run: (file: string) => Promise<void>): Promise<number> {
  const file = newFile();
  await run(file);
  const bytes = bytesOf(file);
  rmSync(file, { force: true });
  return bytes;
}

async function runOn(built: AnyGraph, input: object, store: RunStore, isHttp = false): Promise<void> {
  await using engine = createEngine(built, {
    store,
    maxSteps: Number.POSITIVE_INFINITY,
    ...(isHttp ? { effects: [httpEffects()] } : {}),
  });
  await engine.run(input as never).orThrow();
}

const appending = (steps: number, bytes: number): AnyGraph =>
  graph('appending', { state: fields({ log: append<string>(), count: sum() }) })
    .node('a', (state) => ({ delta: { log: [`${state.count}`.padEnd(bytes, 'x')], count: 1 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();
const constant = (steps: number): AnyGraph =>
  graph('constant', { state: fields({ blob: last<string>(), count: sum() }) })
    .node('a', () => ({ delta: { count: 1 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();
const agent = (turns: number, ask: Ask): AnyGraph =>
  graph('agent', { state: fields({ messages: append<Message>(), count: sum() }) })
    .node('a', async (state) => {
      const question = { role: 'user', content: `question ${state.count}` };
      return { delta: { messages: [question, await ask([...state.messages, question])], count: 1 } };
    })
    .edge('a', 'a', { when: (state) => state.count < turns })
    .start('a')
    .build();
const trivial = (steps: number): AnyGraph => constant(steps);

const server = createServer((request, response) => {
  let length = 0;
  request.on('data', (bytes: Buffer) => {
    length += bytes.length;
  });
  request.on('end', () => {
    const answer = { role: 'assistant', content: `answer to ${length} bytes `.padEnd(200, 'a') };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const ask: Ask = async (messages) => {
  const body = JSON.stringify({ model: 'm', messages });
  const response = await fetch(`http://127.0.0.1:${port}/chat`, { method: 'POST', body });
  return (await response.json()) as Message;
};

const format = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
function row(name: string, ours: string, theirs: string): void {
  console.log(`${name.padEnd(52)} ${ours.padStart(16)} ${theirs.padStart(16)}`);
}

row('', 'reprise', 'LangGraph.js');
const appendedOurs = await bytesAfter((file) => runOn(appending(1_000, 200), {}, sqliteStore(file)));
row(
  'bytes: 200 B a step, 1,000 steps',
  format(appendedOurs),
  format(await bytesAfter((file) => peer.append(1_000, 200, file))),
);
row(
  'bytes: 200 B a step, 10,000 steps',
  format(await bytesAfter((file) => runOn(appending(10_000, 200), {}, sqliteStore(file)))),
  '',
);
row(
  'bytes: 1,000 steps over a constant 100 kB',
  format(await bytesAfter((file) => runOn(constant(1_000), { blob: 'x'.repeat(100_000) }, sqliteStore(file)))),
  format(await bytesAfter((file) => peer.constant(1_000, 100_000, file))),
);
for (const turns of [200, 400]) {
  row(
    `bytes: an agent's growing history over HTTP, ${turns} turns`,
    format(await bytesAfter((file) => runOn(agent(turns, ask), {}, sqliteStore(file), true))),
    format(await bytesAfter((file) => peer.agent(turns, ask, file))),
  );
}

/** The median of some rounds, after one that warms up. */
async function perSecond(count: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  const rates: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const begun = performance.now();
    await run();
    rates.push((count / (performance.now() - begun)) * 1_000);
  }
  return rates.sort((left, right) => left - right)[2] as number;
}

row(
  'steps/s: trivial, in memory',
  format(await perSecond(3_000, () => runOn(trivial(3_000), { blob: '' }, memoryStore()))),
  format(await perSecond(300, () => peer.trivial(300, ':memory'))),
);
row(
  'steps/s: trivial, SQLite',
  format(await perSecond(3_000, () => runOn(trivial(3_000), { blob: '' }, sqliteStore(newFile())))),
  format(await perSecond(300, () => peer.trivial(300, newFile()))),
);

const chunkCount = 10_000;
const streaming = graph('streaming', { state: fields({ answer: text() }) })
  .node('write', async function* () {
    for (let place = 0; place < chunkCount; place += 1) yield { answer: `token ${place} ` };
  })
  .start('write')
  .build();

async function* ourChunks(store: RunStore): AsyncGenerator<unknown> {
  await using engine = createEngine(streaming, { store });
  for await (const item of engine.stream({})) if (item.kind === 'chunk') yield item.chunk;
}

async function readAll(chunks: AsyncIterable<unknown>): Promise<void> {
  let count = 0;
  for await (const _chunk of chunks) count += 1;
  if (count !== chunkCount) throw new Error(`${count} chunks came`);
}

async function firstAfter(open: () => AsyncIterable<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const begun = performance.now();
    let first: number | undefined;
    for await (const _chunk of open()) first ??= performance.now() - begun;
    times.push(first ?? 0);
  }
  return times.sort((left, right) => left - right)[2] as number;
}

/** How much the heap grows at most while a reader takes 100 times as long for a chunk as the node. */
async function heapGrowth(open: () => AsyncIterable<unknown>): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  let taken = 0;
  for await (const _chunk of open()) {
    taken += 1;
    if (taken % 100 === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      globalThis.gc?.();
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    if (taken === 3_000) break;
  }
  return most / 1_024;
}

row(
  'chunks/s: 10,000, without a store on disk',
  format(await perSecond(chunkCount, () => readAll(ourChunks(memoryStore())))),
  format(await perSecond(chunkCount, () => readAll(peer.chunks(chunkCount)))),
);
row(
  'chunks/s: 10,000, each durable on SQLite before it is seen',
  format(await perSecond(chunkCount, () => readAll(ourChunks(sqliteStore(newFile()))))),
  'not offered',
);
row(
  'ms to the first chunk',
  (await firstAfter(() => ourChunks(memoryStore()))).toFixed(2),
  (await firstAfter(() => peer.chunks(chunkCount))).toFixed(2),
);
row(
  'kB of heap, a reader 100 times slower, in memory',
  format(await heapGrowth(() => ourChunks(memoryStore()))),
  format(await heapGrowth(() => peer.chunks(chunkCount))),
);
row(
  'kB of heap, a reader 100 times slower, SQLite',
  format(await heapGrowth(() => ourChunks(sqliteStore(newFile())))),
  'not offered',
);
server.close();
rmSync(folder, { recursive: true, force: true });
console.log(`Node ${process.version}; medians of 5. Not measured: other savers, a server, subgraphs.`);
