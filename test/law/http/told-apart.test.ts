// No node can tell a recorded answer from a live one: what it sees of an exchange is the same without Reprise, recorded,
// replayed, and in a run that is resumed after a crash.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { crashedBeforeOutcome } from '../../support/crashed-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { byPart, exchanges } from './answer-script.ts';
import type { Exchange } from './answer-script.ts';
import { findClosedPort, observe } from './observing-client.ts';
import type { Seen } from './observing-client.ts';
import { ScriptedServer } from './scripted-server.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const count = Number(process.env.REPRISE_EXCHANGES ?? (isLong ? 20_000 : 300));
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_128);
const timeout = isLong ? 7_200_000 : 240_000;
/** Exchanges of one run. */
const batchSize = 20;

let server: ScriptedServer;
beforeAll(async () => {
  server = await ScriptedServer.start();
  await findClosedPort();
});
afterAll(() => server[Symbol.asyncDispose]());

const pathOf = (index: number): string => `/${index}`;

async function observeAll(batch: readonly Exchange[], first: number): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const [index, exchange] of batch.entries()) seen.push(await observe(server, pathOf(first + index), exchange));
  return seen;
}

const graphOf = (batch: readonly Exchange[], first: number) =>
  graph('observing', { state: fields({ seen: last<unknown>(null) }) })
    .node('observe', async () => ({ delta: { seen: await observeAll(batch, first) } }))
    .start('observe')
    .build();

/** As a journal gives it back. */
const plain = (seen: unknown): readonly unknown[] => JSON.parse(JSON.stringify(seen)) as unknown[];

/** Without cookies: a fixture has marks in their place. */
function withoutCookies(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => (isCookie(value[index - 1]) ? '?' : withoutCookies(item)));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isCookie(key) ? '?' : withoutCookies(item)]),
  );
}

const isCookie = (name: unknown): boolean => typeof name === 'string' && name.toLowerCase() === 'set-cookie';

async function checkBatch(batch: readonly Exchange[], first: number): Promise<void> {
  for (const [index, { answer, client }] of batch.entries()) {
    await server.add(pathOf(first + index), answer, byPart.has(client.reading));
  }
  const bare = plain(await observeAll(batch, first));
  const observing = graphOf(batch, first);
  const store = memoryStore();
  await using engine = createEngine(observing, { store, effects: [httpEffects()] });
  const live = await engine.run({}, { runId: 'live' });
  const sentBefore = server.requestCount;
  const path = await exportRunTo(store, 'live', `${temporaryFolder()}/live.run.jsonl`);
  const replayed = await replay(observing, path);
  await using resumedEngine = createEngine(observing, {
    store: await crashedBeforeOutcome(store, 'live'),
    effects: [httpEffects()],
  });
  const resumed = await resumedEngine.resume('live');
  for (const [index, exchange] of batch.entries()) {
    const told = (how: string): string => `${how}: ${JSON.stringify(exchange)}`;
    const of = (run: { readonly state: { readonly seen: unknown } }): unknown => plain(run.state.seen)[index];
    expect(of(live as never), told('live')).toEqual(bare[index]);
    expect(withoutCookies(of(replayed.run as never)), told('replayed')).toEqual(withoutCookies(bare[index]));
    expect(of(resumed as never), told('resumed')).toEqual(bare[index]);
  }
  expect(server.requestCount).toBe(sentBefore);
}

it(
  `cannot tell ${count} exchanges apart`,
  async () => {
    const generated = fc.sample(exchanges, { numRuns: count, seed });
    for (let first = 0; first < count; first += batchSize) {
      await checkBatch(generated.slice(first, first + batchSize), first);
    }
  },
  timeout,
);
