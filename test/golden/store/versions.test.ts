// fixtures/format/ has a store file of each version, written by the release of that version. It holds runs that processes
// left open in every state there is: killed, closed, paused, failed. These files are never written again. Every later
// release must resume each of their runs to the end that it would have had.
//
// A release that writes something new (another schema, other semantics, a new kind of entry, a new open state) adds a file:
//   1. Add graphs and runs to format-store-graphs.ts and format-store-runs.ts. Mark new runs `since: 2`, the version of the
//      first file that has them. Never change what is there: older files hold runs of it. What a later version makes of
//      an older run stands in its `under2`.
//   2. Write the file with the engine of that release:
//        npx node test/golden/store/write-format-store.ts fixtures/format/store-v2.db
//      This also writes store-v2.json: the calls that the processes made, and the cursors of readers.
//   3. Commit both. The tests below run against every file.
import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import type { Run, RunStore } from '../../../src/index.ts';
import { semanticsVersion } from '../../../src/journal/entry.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { bannedTextsIn } from '../../repo/violations.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { callId, callsLeft, canonicalLines, plain, recordedCalls } from './expected.ts';
import { formatGraph } from './format-store-graphs.ts';
import { formatRunsOf } from './format-store-runs.ts';
import type { Call } from './graphs/outside.ts';
import { standsAt, tailMarks, until } from './journal-marks.ts';
import { readRecords } from './life-record.ts';
import { LiveOutside, textOf } from './live-outside.ts';
import { cancelReason } from './runs/run.ts';
import type { Finish, FormatRun } from './runs/run.ts';

type OpenRun = FormatRun & { readonly finish: Finish };

const folder = 'fixtures/format';
const files = readdirSync(folder)
  .filter((name) => /^store-v\d+\.db$/.test(name))
  .map((name) => ({ name, version: Number(name.replace(/\D/g, '')) }));

/** Opening a store changes it, so each test gets a copy. */
function copyOf(name: string): string {
  const path = join(temporaryFolder(), 'runs.db');
  copyFileSync(join(folder, name), path);
  return path;
}

function journal(store: RunStore, runId: string): Promise<readonly Entry[]> {
  return collected(store.read(runId));
}

function engineFor({ graph, options }: FormatRun, finish: Finish, store: RunStore, outside: LiveOutside) {
  return createEngine(formatGraph(finish.graph ?? graph, outside), { ...options, ...finish.options, store });
}

it('there is a store file of every version', () => {
  const versions = Array.from({ length: semanticsVersion }, (_unused, index) => index + 1);
  expect(files.map(({ version }) => version)).toEqual(expect.arrayContaining(versions));
});

describe.each(files)('$name', ({ name, version }) => {
  const path = join(folder, name);
  const records = readRecords(path);
  const runs = formatRunsOf(version);
  const open = runs.filter((run): run is OpenRun => run.finish !== undefined);
  const ended = runs.filter(({ finish }) => finish === undefined);
  const callsOf = (runId: string) => records[runId]?.calls ?? [];

  it('holds exactly the listed runs, in the states they were left in', async () => {
    const store = sqliteStore(copyOf(name));
    const found = await store.list({ limit: 1_000 });
    expect(found.map(({ runId, status }) => `${runId}: ${status}`).sort()).toEqual(
      runs.map(({ runId, left }) => `${runId}: ${left}`).sort(),
    );
    for (const { runId, lives } of open) {
      const { at } = lives.at(-1)?.exit ?? {};
      if (at !== undefined) expect(tailMarks(await journal(store, runId)), runId).toEqual(at);
    }
    expect(await store.checkpoint?.('killed-after-a-checkpoint')).toBeDefined();
    await store.close();
  });

  it('names no machine and no path of one', () => {
    const text = readFileSync(path, 'latin1') + JSON.stringify(records);
    expect(bannedTextsIn(name, text)).toEqual([]);
    expect(text).not.toMatch(/file:\/\/|node:internal|node_modules|\/tmp\//);
    const handle = new Database(copyOf(name));
    const owners = handle.prepare('SELECT id FROM owner UNION SELECT owner FROM run WHERE owner IS NOT NULL').pluck();
    for (const owner of owners.all()) expect(owner).toMatch(/^elsewhere\/pid:\[1\] \d+ \w+$/);
    handle.close();
  });

  // Sleeps and retry delays are over by now: waiting for one again would take longer than this.
  it.each(open)('finishes $runId', async (run) => {
    const { runId, finish } = run;
    const store = sqliteStore(copyOf(name));
    await using outside = await LiveOutside.start();
    await using engine = engineFor(run, finish, store, outside);
    const left = await journal(store, runId);
    let result: Run<unknown> | undefined;
    for (const [index, act] of finish.acts.entries()) {
      result = (await act(engine, runId)) as Run<unknown>;
      expect(result.status).toBe(index < finish.acts.length - 1 ? 'paused' : finish.status);
    }
    const state = result?.state as { readonly [field: string]: unknown };
    for (const [field, value] of Object.entries(finish.state)) expect(plain(state[field]), field).toEqual(plain(value));

    // A journal only grows.
    const entries = await journal(store, runId);
    const isKept = ({ kind }: Entry): boolean => kind !== 'chunk' || run.options?.keepChunks !== 'step';
    expect(entries.slice(0, left.length).filter(isKept)).toEqual(left.filter(isKept));
    checkCalls(run, left, outside.calls);
    const twin = finish.twin === undefined ? entries : await journal(store, finish.twin);
    expect(canonicalLines(entries)).toEqual(canonicalLines(twin));
    const restarts = entries.flatMap((entry) => (entry.kind === 'restart' ? [`${entry.at} ${entry.ordinal}`] : []));
    expect(restarts).toEqual(finish.restarts ?? []);
    await checkReplay(run, store);
  });

  /** Resuming makes exactly the calls that the journal does not answer, with the idempotency keys of the dead process. */
  function checkCalls({ runId, finish }: OpenRun, left: readonly Entry[], made: readonly Call[]): void {
    const calls = made.map(callId).sort();
    expect(calls.filter((call) => recordedCalls(left).has(call))).toEqual([]);
    if (finish.calls !== undefined) expect(made.map(textOf).sort()).toEqual(finish.calls);
    else expect(calls).toEqual(callsLeft(callsOf(finish.twin ?? ''), left, finish.skipped));
    const keys = new Map(callsOf(runId).map((call) => [callId(call), call.key]));
    for (const call of made) expect(call.key, callId(call)).toBe(keys.get(callId(call)) ?? call.key);
  }

  it.each(ended)('does not resume $runId, which is over', async (run) => {
    const { runId, graph, left } = run;
    const store = sqliteStore(copyOf(name));
    await using outside = await LiveOutside.start();
    await using engine = createEngine(formatGraph(graph, outside), { store });
    await expect(engine.resume(runId)).rejects.toMatchObject({ code: 'run-not-resumable', fields: { status: left } });
    expect(outside.calls).toEqual([]);
    await checkReplay(run, store);
  });

  async function checkReplay({ runId, graph, finish, options }: FormatRun, store: RunStore): Promise<void> {
    if (options?.keepChunks === 'step') return;
    await using outside = await LiveOutside.start();
    const path = await exportRunTo(store, runId, join(temporaryFolder(), 'run.run.jsonl'));
    const { report } = await replay(formatGraph(finish?.graph ?? graph, outside), path);
    expect(report.divergences.filter(({ kind }) => kind !== 'graph')).toEqual([]);
    expect(report.verdict).toBe('same');
    expect(outside.calls).toEqual([]);
  }

  it('repeats the draws and clock reads of a dead process', async () => {
    const store = sqliteStore(copyOf(name));
    const effects = (await journal(store, 'killed-after-draws')).filter((entry) => entry.kind === 'effect');
    const times = effects.flatMap(({ outcome }) =>
      outcome.kind === 'value' && typeof outcome.value === 'number' ? [outcome.value] : [],
    );
    const told = effects.find((effect) => effect.name === 'tell')?.request;
    await using outside = await LiveOutside.start();
    await using engine = createEngine(formatGraph('drawing', outside), { store });
    const { drawn, times: again } = (await engine.resume('killed-after-draws').orThrow()) as {
      readonly drawn: readonly { readonly id: string }[];
      readonly times: readonly number[];
    };
    expect([...again].sort()).toEqual(times.sort());
    expect(JSON.stringify({ id: drawn[0]?.id, times: again.slice(0, 2) })).toBe(told);
  });

  it.each(open.filter(({ hasReaders }) => hasReaders))(
    'continues readers of $runId without a gap or a repeat',
    async (run) => {
      const store = sqliteStore(copyOf(name));
      await using outside = await LiveOutside.start();
      await using engine = engineFor(run, run.finish, store, outside);
      await engine.resume(run.runId);
      const chunksOf = async (options: { readonly order: 'arrival' | 'canonical'; readonly from?: string }) => {
        const items = await collected(engine.read(run.runId, options));
        expect(items.filter(({ kind }) => kind === 'reset' || kind === 'snapshot')).toEqual([]);
        return items.flatMap((item) => (item.kind === 'chunk' ? [`${item.key} ${item.ordinal}`] : []));
      };
      const readers = records[run.runId]?.readers ?? [];
      expect(readers.map(({ order }) => order)).toEqual(['arrival', 'canonical']);
      for (const { order, cursor, seen } of readers)
        expect([...seen, ...(await chunksOf({ order, from: cursor }))], order).toEqual(await chunksOf({ order }));
    },
  );

  it('workers resume the runs that are due, and no others', async () => {
    const copy = copyOf(name);
    await using outside = await LiveOutside.start();
    const told: string[] = [];
    const graphs = new Map(open.map((run) => [run.graph, run]));
    for (const run of graphs.values()) {
      await using engine = engineFor(run, run.finish, sqliteStore(copy), outside);
      await engine.work({
        isOnce: true,
        pollMs: 1,
        onRun: ({ id, status }) => told.push(`${id}: ${status}`),
        onError: (thrown, runId) => told.push(`${runId}: ${String(thrown)}`),
      }).done;
    }
    expect(told.sort()).toEqual(
      open
        .flatMap(({ runId, finish: { afterWorker } }) =>
          afterWorker === undefined ? [] : [`${runId}: ${afterWorker}`],
        )
        .sort(),
    );
  });

  it('keeps labels given by nodes and from outside', async () => {
    const store = sqliteStore(copyOf(name));
    await using outside = await LiveOutside.start();
    await using engine = createEngine(formatGraph('ledger', outside), { store });
    const labels = (await engine.history('whole-ledger')).flatMap((commit) => commit.labels);
    expect(labels).toEqual(['begun', 'from outside']);
  });
});

/** Its runs sleep longer than a test should take. */
const slowGraph = 'resting';

/** All lives of an uninterrupted run, in this process. */
async function live({ runId, graph, options, lives }: FormatRun, path: string): Promise<void> {
  for (const { act, graph: own = graph, options: more, silent = [], exit } of lives) {
    const store = sqliteStore(path);
    await using outside = await LiveOutside.start({ silent });
    await using engine = createEngine(formatGraph(own, outside), { ...options, ...more, store });
    const acted = act(engine, runId);
    if (exit !== undefined) {
      await until(() => standsAt(store, runId, exit.at));
      await engine.cancel(runId, cancelReason);
    }
    await acted;
  }
}

it('writes uninterrupted runs as the newest file has them', async () => {
  const runs = formatRunsOf(semanticsVersion).filter(
    ({ graph, finish }) => finish === undefined && graph !== slowGraph,
  );
  const path = join(temporaryFolder(), 'runs.db');
  const groups = Map.groupBy(runs, ({ graph }) => graph).values();
  await Promise.all(
    [...groups].map(async (group) => {
      for (const run of group) await live(run, path);
    }),
  );
  const newest = files.toSorted((left, right) => left.version - right.version).at(-1);
  const stores = [sqliteStore(path), sqliteStore(copyOf(newest?.name ?? ''))] as const;
  for (const { runId } of runs) {
    const [today, then] = await Promise.all(stores.map((store) => journal(store, runId)));
    expect(canonicalLines(today ?? []), runId).toEqual(canonicalLines(then ?? []));
  }
  for (const store of stores) await store.close();
});
