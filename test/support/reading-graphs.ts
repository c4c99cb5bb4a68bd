// Graphs whose nodes read clocks, randomness, time zone and locale as unchanged code does, in every way there is.
import nodeCrypto, { randomBytes, randomFillSync, randomInt, randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { performance as nodePerformance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { NodeContext, Value } from '../../src/index.ts';
import { fields, graph, last, task } from '../../src/index.ts';
import type { AnyGraph } from '../../src/graph/built-graph.ts';

type Read = (context: NodeContext<never, never>, origin: string) => unknown;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function over(origin: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${origin}${path}`, (response) => resolve(text(response))).on('error', reject);
  });
}

/** By name. The time zone and the locale are the process's own: what a node makes of them does not depend on them. */
export const readingNodes: Readonly<Record<string, Read>> = {
  'Date.now': () => Date.now(),
  'new Date': () => [new Date().toISOString(), new Date(2_000).getTime(), new Date('2020-01-01T00:00:00Z').getTime()],
  'Date as a function': () => Math.floor(Date.parse(Date()) / 1_000),
  'a subclass of Date': () => {
    class Day extends Date {}
    const day = new Day();
    return [day.getTime(), day instanceof Day, day instanceof Date, structuredClone(day) instanceof Date];
  },
  'the constructor of a date': () => {
    const { constructor: Day } = new Date(0) as unknown as { readonly constructor: DateConstructor };
    return [new Day().getTime(), Day.now()];
  },
  'performance.now': () => [performance.now(), nodePerformance.now()],
  'process.hrtime': () => [process.hrtime(), process.hrtime([0, 5]), String(process.hrtime.bigint())],
  Temporal: () => {
    const { Temporal } = globalThis as {
      Temporal?: { Now: { instant(): unknown; plainDateISO(zone: string): unknown } };
    };
    return Temporal === undefined ? 'none' : [String(Temporal.Now.instant()), String(Temporal.Now.plainDateISO('UTC'))];
  },
  'Intl.DateTimeFormat': () => {
    const format = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'full', timeZone: 'UTC' });
    const precise = new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3, timeZone: 'UTC' });
    const formatNow = precise.format;
    return [format.format(), formatNow(), precise.formatToParts().map(({ value }) => value), precise.format(0)];
  },
  'a time in UTC, whatever the time zone': () => {
    const today = new Date();
    return [
      today.toISOString().slice(0, 10),
      Math.abs(today.getTimezoneOffset()) >= 0,
      Intl.DateTimeFormat().format().length > 0,
    ];
  },
  'a loop that waits': () => {
    const until = Date.now() + 15;
    while (Date.now() < until);
    return Date.now() >= until;
  },
  'Math.random': () => [Math.random(), Math.random()],
  'random UUIDs': () => [randomUUID(), nodeCrypto.randomUUID({ disableEntropyCache: true }), crypto.randomUUID()],
  'random bytes': async () => [
    hex(randomBytes(16)),
    randomBytes(9).toString('base64url'),
    hex(await promisify(randomBytes)(10)),
    randomBytes(12),
  ],
  'memory that is filled': async () => [
    hex(randomFillSync(Buffer.alloc(12), 4, 6)),
    hex(new Uint8Array(randomFillSync(new Uint16Array(8), 2, 5).buffer)),
    hex((await promisify(nodeCrypto.randomFill)(Buffer.alloc(11))) as Buffer),
    hex(crypto.getRandomValues(new Uint8Array(16))),
    hex(nodeCrypto.getRandomValues(new Uint8Array(7))),
  ],
  'random numbers': async () => [
    randomInt(10),
    randomInt(100_000, 1_000_000),
    await new Promise((resolve) => randomInt(5, 1_000, (_error, drawn) => resolve(drawn))),
  ],
  'between effects': async ({ effect, sleep }) => {
    const times = [performance.now()];
    const asked = effect('draw', null, async () => {
      await pause();
      return Math.random();
    });
    times.push(performance.now());
    const drawn = await asked;
    times.push(performance.now());
    await sleep(2);
    return [drawn, times, performance.now(), Date.now()];
  },
  'in and around a fetch': async (_context, origin) => {
    const began = performance.now();
    const body = JSON.stringify({ id: randomUUID(), nonce: hex(randomBytes(8)), at: new Date() });
    const response = await fetch(`${origin}/${Math.random()}`, { method: 'POST', body });
    const headAfter = performance.now() - began;
    const parts: [string, number][] = [];
    for await (const part of response.body as ReadableStream<Uint8Array>)
      parts.push([Buffer.from(part).toString(), performance.now()]);
    return [headAfter, parts, Date.now(), randomUUID()];
  },
  'after a body, however it is cut': async (_context, origin) => {
    const answer = await (await fetch(origin)).text();
    const ids = [answer, randomUUID(), Date.now()];
    const second = await (await fetch(`${origin}/${ids[1]}`)).text();
    return [...ids, second, randomUUID(), performance.now()];
  },
  'with a form': async (_context, origin) => {
    const form = new FormData();
    form.set('id', randomUUID());
    return [await (await fetch(origin, { method: 'POST', body: form })).text(), Math.random(), Date.now()];
  },
  'in tasks that run beside each other': (_context, origin) =>
    Promise.all(
      ['left', 'right'].map((name) =>
        task(name, async () => {
          const began = performance.now();
          const path = `/${name}?id=${randomUUID()}`;
          const answer = await (name === 'left' ? (await fetch(`${origin}${path}`)).text() : over(origin, path));
          return [answer, performance.now() - began, Date.now(), Math.random()];
        }),
      ),
    ),
  'in tasks that wait beside each other': () =>
    Promise.all(
      [3, 1, 2].map((delayMs) =>
        task('wait', async () => {
          const began = performance.now();
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          return [performance.now() - began, randomUUID()];
        }),
      ),
    ),
  'in and around a request of node:http': async (_context, origin) => {
    const began = performance.now();
    const answer = await over(origin, `/?id=${randomUUID()}&at=${Date.now()}`);
    return [answer, performance.now() - began, Math.random()];
  },
};

export function readingGraph(name: string, origin: string): AnyGraph {
  const read = readingNodes[name] as Read;
  return graph('reading', { state: fields({ found: last<unknown>(null) }) })
    .node('read', async (_state, context) => ({ delta: { found: (await read(context as never, origin)) as Value } }))
    .start('read')
    .build() as unknown as AnyGraph;
}
