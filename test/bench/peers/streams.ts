// Streaming: a node writes chunks, a reader takes them.
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine, fields, graph, memoryStore, text } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { peer } from './peer.ts';
import { eachRound, grouped, heading, line, newFile, notOffered, perSecond, ranged } from './table.ts';
import type { Target } from './table.ts';

const chunkCount = 10_000;

/** Opens a run of a node that calls `onWrite` for each chunk, and gives its chunks. */
type Open = (onWrite?: () => void) => AsyncIterable<unknown>;

const writing = (onWrite?: () => void) =>
  graph('streaming', { state: fields({ answer: text() }) })
    .node('write', async function* () {
      for (let place = 0; place < chunkCount; place += 1) {
        onWrite?.();
        yield { answer: `token ${place} ` };
      }
    })
    .start('write')
    .build();

const ours = (newStore: () => RunStore): Open =>
  async function* (onWrite) {
    await using engine = createEngine(writing(onWrite), { store: newStore() });
    for await (const item of engine.stream({})) if (item.kind === 'chunk') yield item.chunk;
  };
const inMemory = ours(memoryStore);
const onDisk = ours(() => sqliteStore(newFile()));
const theirs: Open = (onWrite) => peer.chunks(chunkCount, onWrite);

async function readAll(open: Open): Promise<void> {
  let count = 0;
  for await (const _chunk of open()) count += 1;
  if (count !== chunkCount) throw new Error(`${count} chunks came`);
}

async function firstAfter(open: Open): Promise<number> {
  const begun = performance.now();
  let first: number | undefined;
  for await (const _chunk of open()) first ??= performance.now() - begun;
  if (first === undefined) throw new Error('no chunk came');
  return first;
}

/** The size of the heap when nothing is left to collect: what earlier runs left goes only turn by turn. */
async function settledHeap(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 5; unchanged += 1) {
    await pause(50);
    const heap = heapNow();
    if (heap < least - 10_000) unchanged = 0;
    least = Math.min(least, heap);
  }
  return least;
}

function heapNow(): number {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('start this with node --expose-gc');
  collect();
  return process.memoryUsage().heapUsed;
}

/** With a reader that takes 100 times as long for a chunk as both together took at full speed. */
async function slowly(open: Open, chunksPerSecond: number): Promise<string> {
  const pauseEvery = 50;
  const pauseMs = (pauseEvery * 100 * 1_000) / chunksPerSecond;
  const before = await settledHeap();
  let written = 0;
  let read = 0;
  let ahead = 0;
  let most = before;
  const onWrite = (): void => {
    written += 1;
  };
  for await (const _chunk of open(onWrite)) {
    read += 1;
    ahead = Math.max(ahead, written - read);
    if (read % pauseEvery !== 0) continue;
    await pause(pauseMs);
    if (read % (pauseEvery * 10) === 0) most = Math.max(most, heapNow());
  }
  if (read !== chunkCount) throw new Error(`${read} chunks came`);
  return `${grouped((most - before) / 1_000)} kB, ${grouped(ahead)}`;
}

const median = (figures: readonly number[]): number =>
  [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)] as number;

heading('Streaming: 10,000 chunks of one node');
const memoryRates = await perSecond(chunkCount, () => readAll(inMemory));
const theirRates = await perSecond(chunkCount, () => readAll(theirs));
const diskRates = await perSecond(chunkCount, () => readAll(onDisk));
const timesTheirs = (rates: readonly number[], least: number): Target => {
  const ratio = median(rates) / median(theirRates);
  return { text: `${ratio.toFixed(1)} times theirs without a store, at least ${least}`, isMet: ratio >= least };
};
line('chunks/s, without a store on disk', ranged(memoryRates), ranged(theirRates), timesTheirs(memoryRates, 10));
line('chunks/s, each on disk before it is seen', ranged(diskRates), notOffered, timesTheirs(diskRates, 2));

const milliseconds = (figure: number): string => figure.toFixed(2);
const firsts = await eachRound(() => firstAfter(inMemory));
line(
  'ms to the first chunk, without a store on disk',
  ranged(firsts, milliseconds),
  ranged(await eachRound(() => firstAfter(theirs)), milliseconds),
  { text: 'under 1 ms', isMet: median(firsts) < 1 },
);
line('ms to the first chunk, on disk', ranged(await eachRound(() => firstAfter(onDisk)), milliseconds), notOffered);

line(
  'reader 100 times slower: heap, chunks the node is ahead',
  await slowly(inMemory, median(memoryRates)),
  await slowly(theirs, median(theirRates)),
);
line('the same, on disk', await slowly(onDisk, median(diskRates)), notOffered);
