// The ways in which a client is used in a situation: bare, in a node of a live run, in one that is killed behind the last
// answer, in a replay, and in the run that was killed, taken up again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import type { RunStore } from '../../src/port/store.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { perform } from './ask.ts';
import type { Targets } from './ask.ts';
import type { OpenClient } from './client.ts';
import type { Seen } from './sight.ts';
import type { Situation } from './situations/situation.ts';

export const ways = ['bare', 'live', 'killed', 'replayed', 'resumed'] as const;
export type Way = (typeof ways)[number];

/** What came of one cell in one way. */
export interface Result {
  readonly seen: readonly Seen[];
  /** What Reprise says about it: notes of the run, or the verdict of a replay where it is not `same`. */
  readonly said?: readonly string[];
  /** Nothing came. */
  readonly hangs?: true;
  /** Errors that nobody caught. */
  readonly strays?: readonly string[];
}

export interface World {
  readonly client: OpenClient;
  readonly targets: Targets;
  readonly store: RunStore;
  /** Where fixtures are. */
  readonly folder: string;
}

const hangMs = 30_000;

// biome-ignore lint/suspicious/noExplicitAny: what a client's code sees has no type
const seenState = { seen: last<any>(null) };

export function run(way: Way, situation: Situation, world: World): Promise<Result> {
  return patient(() => runWay(way, situation, world));
}

/** Does not wait for ever. */
export async function patient(work: () => Promise<Result>): Promise<Result> {
  const hang = Promise.withResolvers<Result>();
  const timer = setTimeout(() => hang.resolve({ seen: [], hangs: true }), hangMs);
  const result = await Promise.race([work(), hang.promise]);
  clearTimeout(timer);
  return result;
}

function runWay(way: Way, situation: Situation, world: World): Promise<Result> {
  switch (way) {
    case 'bare':
      return bare(situation, world);
    case 'live':
      return live(situation, world);
    case 'killed':
      return killed(situation, world);
    case 'replayed':
      return replayed(situation, world);
    case 'resumed':
      return resumed(situation, world);
  }
}

async function bare(situation: Situation, { client, targets }: World): Promise<Result> {
  return { seen: await perform(client, situation, targets) };
}

function asking(situation: Situation, { client, targets }: World, then: (seen: readonly Seen[]) => unknown) {
  return graph(situation.name, { state: fields(seenState) })
    .node('ask', async (_state, { effect }) => {
      const seen = await perform(client, situation, targets);
      await effect('seen', null, () => then(seen));
      return { delta: { seen } };
    })
    .start('ask')
    .build();
}

const noted = (notes: readonly { readonly message: string }[] | undefined): readonly string[] =>
  (notes ?? []).map(({ message }) => message);

async function live(situation: Situation, world: World): Promise<Result> {
  const { folder, store } = world;
  const engine = createEngine(
    asking(situation, world, () => 1),
    { store, effects: [httpEffects()] },
  );
  const ended = await engine.run({}, { runId: situation.name });
  await exportRunTo(store, situation.name, fixtureOf(folder, situation));
  return resultOf(ended.state.seen, [...noted(ended.notes), ...said(ended)]);
}

export const fixtureOf = (folder: string, { name }: Situation): string => join(folder, `${name}.run.jsonl`);

const said = (ended: { readonly status: string; readonly error?: unknown }): readonly string[] =>
  ended.status === 'done' ? [] : [`${ended.status}: ${ended.error}`];

function resultOf(seen: readonly Seen[] | null, said: readonly string[]): Result {
  return { seen: seen ?? [], ...(said.length === 0 ? {} : { said }) };
}

/** The run stays in the effect behind its last answer; whoever calls this is killed then. */
async function killed(situation: Situation, world: World): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<readonly Seen[]>();
  const graphOf = asking(situation, world, (seen) => {
    resolve(seen);
    return new Promise(() => undefined);
  });
  const engine = createEngine(graphOf, { store: world.store, effects: [httpEffects()] });
  const ended = engine.run({}, { runId: situation.name }).then((run) => resultOf(null, said(run)));
  return Promise.race([promise.then((seen) => ({ seen })), ended]);
}

async function replayed(situation: Situation, world: World): Promise<Result> {
  const path = fixtureOf(world.folder, situation);
  if (!existsSync(path)) return { seen: [], said: ['there is no fixture'] };
  const { run, report } = await replay(
    asking(situation, world, () => 1),
    path,
  );
  const differs = report.divergences.map(({ kind, path: where }) => `${kind} ${where}`);
  const verdict =
    report.verdict === 'same' ? [] : [`the replay says ${report.verdict}: ${differs.slice(0, 3).join(', ')}`];
  const calls = report.networkCalls === 0 ? [] : [`${report.networkCalls} calls`];
  return resultOf((run.state as { seen: readonly Seen[] | null }).seen, [...verdict, ...calls, ...said(run)]);
}

async function resumed(situation: Situation, world: World): Promise<Result> {
  const engine = createEngine(
    asking(situation, world, () => 1),
    { store: world.store, effects: [httpEffects()] },
  );
  try {
    const ended = await engine.resume(situation.name);
    return resultOf(ended.state.seen, said(ended));
  } catch (thrown) {
    return resultOf(null, [String(thrown)]);
  }
}
