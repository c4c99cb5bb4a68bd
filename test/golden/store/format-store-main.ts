// A process that drives one run of a store file for one of its lives:
//   format-store-main.ts <path of the store> <run id> <index of the life>
// It reports in lines of JSON: each call it makes, each chunk a reader gets, and that the journal has reached the point at
// which this life ends. It exits when the run ends or pauses, closes the engine on SIGTERM, and is killed otherwise.
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { formatGraph } from './format-store-graphs.ts';
import { semanticsVersion } from '../../../src/journal/entry.ts';
import { formatRunsOf } from './format-store-runs.ts';
import type { Call } from './graphs/outside.ts';
import { holds, standsAt, until } from './journal-marks.ts';
import { LiveOutside, textOf } from './live-outside.ts';

export type Told =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'chunk'; readonly order: StreamOrder; readonly cursor: string; readonly chunk: string }
  | { readonly kind: 'reached' };
export type StreamOrder = 'arrival' | 'canonical';

const lateMs = 100;

const tell = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`);

const [path = '', runId = '', number = ''] = process.argv.slice(2);
const run = formatRunsOf(semanticsVersion).find((one) => one.runId === runId);
const life = run?.lives[Number(number)];
if (run === undefined || life === undefined) throw new Error(`run ${runId} has no life ${number}`);
const { act, graph = run.graph, silent = [], late = {}, exit } = life;

const { checkpointLength } = run;
const store = sqliteStore(path, checkpointLength === undefined ? {} : { checkpointLength });
const outside = await LiveOutside.start({
  silent,
  before: async (call) => {
    const marks = late[textOf(call)];
    if (marks === undefined) return;
    await until(() => holds(store, runId, marks));
    // Gives the other tasks time to use the answers they got.
    await pause(lateMs);
  },
  onCall: (call) => tell({ kind: 'call', call }),
});
const engine = createEngine(formatGraph(graph, outside), { ...run.options, ...life.options, store });
process.once('SIGTERM', () => void engine.close());

async function follow(order: StreamOrder): Promise<void> {
  await until(() => holds(store, runId, []));
  for await (const item of engine.read(runId, { order })) {
    if (item.kind !== 'chunk') continue;
    tell({ kind: 'chunk', order, cursor: item.cursor, chunk: `${item.key} ${item.ordinal}` });
  }
}

const acted = act(engine, runId);
if (run.hasReaders === true) for (const order of ['arrival', 'canonical'] as const) void follow(order);
if (exit !== undefined) {
  await until(async () => outside.isWaitedFor && (await standsAt(store, runId, exit.at)));
  tell({ kind: 'reached' });
}
await acted;
await engine.close();
process.exit();
