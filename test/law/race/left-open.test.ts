// Whoever loses a race without being told may be left open when its node ends, and end while others run. In a replay it
// loses again: nothing of it reaches its node that had not reached it when the run was recorded.
import http from 'node:http';
import { append, createEngine, fields, graph, last, memoryStore } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRun } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { expect, it } from 'vitest';
import { keptStore } from '../../support/changed-store.ts';
import { fileOf } from '../../support/fixture-file.ts';
import { collected } from '../../support/journals.ts';
import { LoopbackServer, pause } from '../../support/loopback-server.ts';

/** Holds back what a server has still to say until somebody lets it go. */
class Gate {
  readonly #held = new Map<string, () => void>();
  readonly #opened = new Set<string>();
  #isOpen = false;

  wait(path: string): Promise<void> {
    const isOpen = this.#isOpen || this.#opened.has(path);
    return isOpen ? Promise.resolve() : new Promise((resolve) => this.#held.set(path, resolve));
  }
  open(path: string): void {
    this.#opened.add(path);
    this.#held.get(path)?.();
  }
  openAll(): void {
    this.#isOpen = true;
    for (const path of this.#held.keys()) this.open(path);
  }
}

async function serverWith(gate: Gate): Promise<LoopbackServer> {
  return LoopbackServer.start(async (request, response) => {
    const [, kind] = (request.url ?? '').split('/');
    if (kind === 'quick') {
      response.end('quick');
      return;
    }
    if (kind === 'parts') response.write('one ');
    await gate.wait(request.url ?? '');
    if (kind === 'reset') response.destroy();
    else response.end('loser');
  });
}

type Ask = (url: string) => Promise<unknown>;

const byFetch: Ask = async (url) => (await fetch(url)).text();
const byHttp: Ask = (url) =>
  new Promise((resolve, reject) => {
    http
      .get(url, (response) => {
        const parts: string[] = [];
        response.on('data', (part) => parts.push(String(part))).on('end', () => resolve(parts.join('')));
      })
      .on('error', reject);
  });
const failing =
  (ask: Ask): Ask =>
  (url) =>
    ask(url).catch(() => 'failed');
/** However the body is cut. */
const nextPart: Ask = async (url) => {
  const reader = ((await fetch(url)).body as ReadableStream<Uint8Array>).getReader();
  for (let length = 0; length < 'one '.length; ) length += (await reader.read()).value?.byteLength ?? 0;
  await reader.read();
  return 'loser';
};
const losers: readonly (readonly [name: string, ask: Ask])[] = [
  ['late', byFetch],
  ['late', byHttp],
  ['late', async (url) => (await fetch(url)).status],
  ['reset', failing(byFetch)],
  ['parts', byFetch],
  ['parts', byHttp],
  ['parts', nextPart],
];

type Shape = (loser: Promise<unknown>, base: string) => Promise<unknown>;

const shapes: readonly Shape[] = [
  (loser) => Promise.race([loser, pause(5).then(() => 'late')]),
  (loser) =>
    Promise.race([
      loser,
      pause(2)
        .then(() => pause(2))
        .then(() => 'late twice'),
    ]),
  (loser) => Promise.race([loser, new Promise((resolve) => setImmediate(() => resolve('tick')))]),
  (loser, base) => Promise.any([loser, byFetch(`${base}/quick`)]),
  (loser, base) => Promise.race([loser, byHttp(`${base}/quick`)]),
  async (loser) => {
    let got: unknown = 'not yet';
    void loser.then((value) => (got = value));
    for (let round = 0; round < 4; round += 1) await pause(1);
    return got;
  },
];

/** What the nodes of one run share, and a replay of it starts with anew. */
class Shared {
  readonly base: string;
  readonly gate: Gate;
  readonly pending: Promise<unknown>[] = [];
  /** Resolves once so many nodes know who won. */
  readonly decided: Promise<void>;
  readonly decide: () => void;

  constructor(base: string, gate: Gate, count: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = count;
    this.base = base;
    this.gate = gate;
    this.decided = promise;
    this.decide = () => {
      left -= 1;
      if (left === 0) resolve();
    };
  }
}

const codes = shapes.flatMap((shape, row) =>
  losers.map(([kind, ask], column) => (shared: Shared): Promise<unknown> => {
    const loser = ask(`${shared.base}/${kind}/${row}-${column}`);
    shared.pending.push(loser);
    return shape(loser, shared.base).finally(shared.decide);
  }),
);

const release = async ({ gate, pending, decided }: Shared): Promise<unknown> => {
  await decided;
  await pause(5);
  gate.openAll();
  return Promise.all(pending);
};

const state = fields({ got: append<unknown>(), rest: last<unknown>(null) });

/** One node after the other. */
function inTurn(shared: () => Shared, given: typeof codes): AnyGraph {
  let made = graph('in-turn', { state }).node('release', async () => ({ delta: { rest: await release(shared()) } }));
  for (const [place, code] of given.entries()) {
    made = made.node(`n${place}`, async () => ({ delta: { got: [await code(shared())] } })) as typeof made;
    if (place > 0) made = made.edge(`n${place - 1}` as never, `n${place}` as never) as typeof made;
  }
  return made
    .edge(`n${given.length - 1}` as never, 'release')
    .start('n0' as never)
    .build();
}

/** All at once, beside one that stays until the losers have ended. */
function atOnce(shared: () => Shared, given: typeof codes): AnyGraph {
  let made = graph('at-once', { state })
    .node('begin', () => undefined)
    .node('release', async () => ({ delta: { rest: await release(shared()) } }))
    .edge('begin', 'release');
  for (const [place, code] of given.entries()) {
    made = made.node(`n${place}`, async () => ({ delta: { got: [await code(shared())] } })) as typeof made;
    made = made.edge('begin', `n${place}` as never) as typeof made;
  }
  return made.start('begin').build();
}

interface Kept {
  readonly state: unknown;
  readonly entries: readonly Entry[];
  readonly fixture: string;
}

/** `written`: what the store holds of the run already. */
async function recorded(made: AnyGraph, written: readonly Entry[] = []): Promise<Kept> {
  const store = keptStore(memoryStore());
  if (written.length > 0) {
    const lease = await store.create(written[0] as RunEntry);
    await store.append(lease, written.slice(1));
    await store.release(lease);
  }
  await using engine = createEngine(made, { store, effects: [httpEffects()] });
  const run = written.length > 0 ? await engine.resume('run') : await engine.run({} as never, { runId: 'run' });
  expect(run.status).toBe('done');
  const entries = await collected(store.read('run', 0));
  return { state: run.state, entries, fixture: fileOf(Buffer.concat(await collected(exportRun(store, 'run')))) };
}

const endsOf = (entries: readonly Entry[], kind: 'effect' | 'pooled'): readonly unknown[] =>
  entries.flatMap((entry) =>
    entry.kind === kind && entry.type === 'http' && entry.outcome.kind === 'value'
      ? [(entry.outcome.value as { readonly ended?: unknown }).ended]
      : [],
  );

it.each([
  ['one after the other', inTurn, codes],
  ['at once', atOnce, codes.filter((_code, place) => place % 3 === 0)],
] as const)('what was left open loses in a replay as it had lost, %s', async (_name, make, given) => {
  const gate = new Gate();
  await using server = await serverWith(gate);
  const anew = (): Shared => new Shared(server.url, gate, given.length);
  let shared = anew();
  const made = make(() => shared, given);
  const live = await recorded(made);
  expect(endsOf(live.entries, 'effect').filter((ended) => ended === 'open').length).toBeGreaterThanOrEqual(
    given.length,
  );
  expect(endsOf(live.entries, 'pooled').filter((ended) => ended === 'complete').length).toBeGreaterThan(
    given.length / 2,
  );
  expect(JSON.stringify((live.state as { readonly got: unknown }).got)).not.toMatch(/loser|failed|200/);
  for (const cut of ['recorded', 'bytes'] as const) {
    shared = anew();
    const { report, run } = await replay(made, live.fixture, { cut });
    expect(report).toMatchObject({ verdict: 'same', divergences: [] });
    expect(run.state).toEqual(live.state);
  }
});

interface Left {
  readonly base: string;
  readonly gate: Gate;
  readonly pending: Promise<unknown>[];
  /** What has come, in its order. */
  readonly came: string[];
}

/** Two requests lose to a timer and end while `meanwhile` runs, in the other order than they began. */
function leavingTwo(left: () => Left, meanwhile: () => Promise<unknown>): AnyGraph {
  return graph('leaving-two', { state })
    .node('leave', async () => {
      const { base, pending, came } = left();
      const ask = async (path: string): Promise<unknown> => {
        const answer = await byFetch(`${base}/${path}`);
        came.push(path);
        return answer;
      };
      pending.push(...['late/first', 'late/second'].map(ask));
      return { delta: { got: [await Promise.race([...pending, pause(5).then(() => 'late')])] } };
    })
    .node('meanwhile', async () => ({ delta: { rest: await meanwhile() } }))
    .edge('leave', 'meanwhile')
    .start('leave')
    .build();
}

async function endInTurn({ gate, pending, came }: Left): Promise<unknown> {
  gate.open('/late/second');
  await Promise.race(pending);
  gate.open('/late/first');
  await Promise.all(pending);
  return came;
}

async function endSomehow({ gate }: Left): Promise<unknown> {
  gate.openAll();
  await pause(10);
  return 'rest';
}

it.each([
  ['comes in the order in which it ended', endInTurn, ['late/second', 'late/first']],
  ['loses, wherever its run was interrupted', endSomehow, 'rest'],
] as const)('what was left open %s', async (_name, meanwhile, rest) => {
  let gate = new Gate();
  await using server = await LoopbackServer.start(async (request, response) => {
    await gate.wait(request.url ?? '');
    response.end('loser');
  });
  const anew = (): Left => ({ base: server.url, gate, pending: [], came: [] });
  let left = anew();
  const made = leavingTwo(
    () => left,
    () => meanwhile(left),
  );
  const live = await recorded(made);
  const expected = { got: ['late'], rest };
  const replays = async ({ fixture, state: before }: Kept): Promise<void> => {
    expect(before).toEqual(expected);
    left = anew();
    const { report, run } = await replay(made, fixture);
    expect(report).toMatchObject({ verdict: 'same', divergences: [] });
    expect(run.state).toEqual(expected);
  };
  await replays(live);
  // What a later node waits for of an earlier one is lost with its process.
  const longest = meanwhile === endSomehow ? live.entries.length - 1 : 2;
  for (let length = 2; length <= longest; length += 1) {
    gate = new Gate();
    left = anew();
    await replays(await recorded(made, live.entries.slice(0, length)));
  }
});
