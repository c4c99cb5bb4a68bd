// Measures the work that every run and every replay is made of, and prints medians with their ranges.
// Not measured here: real networks, several processes on one store, power-safe commits (`sync: 'full'`), other systems.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { append, createEngine, fields, graph, input, memoryStore, sum, text, version } from '../../src/index.ts';
import type { AnyGraph, RunStore } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { compareRuns } from '../../src/diff/index.ts';
import { SharedLines, openRun, replay } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

const rounds = Number(process.env.REPRISE_BENCH_ROUNDS ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-'));
let fileCount = 0;

const newFile = (end: string): string => {
  fileCount += 1;
  return join(folder, `${fileCount}${end}`);
};

/** Three trivial nodes in a loop. */
function loop(steps: number): AnyGraph {
  return graph('loop', { state: fields({ count: sum() }) })
    .node('a', async () => ({ delta: { count: 1 } }))
    .node('b', async () => ({ delta: { count: 1 } }))
    .node('c', async () => ({ delta: { count: 1 } }))
    .edge('a', 'b', { when: (state) => state.count < steps })
    .edge('b', 'c', { when: (state) => state.count < steps })
    .edge('c', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();
}

/** A list that grows by an item a step. */
function growing(steps: number): AnyGraph {
  return graph('growing', { state: fields({ log: append<number>(), count: sum() }) })
    .node('a', async (state) => ({ delta: { log: [state.count], count: 1 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();
}

/** The same loop, which once makes something else. */
function loopOnceOther(steps: number, otherAt: number): AnyGraph {
  return graph('loop', { state: fields({ count: sum(), other: sum() }) })
    .node('a', async ({ count }) => ({ delta: { count: 1, other: count === otherAt ? 1 : 0 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();
}

/** A fan-out of sends, joined, so many times. */
function fan(width: number, times: number): AnyGraph {
  return graph('fan', { state: fields({ done: sum(), rounds: sum() }), inputs: { one: input<number>() } })
    .node('begin', (_state, { send }) => ({
      delta: { rounds: 1 },
      route: Array.from({ length: width }, (_unused, index) => send('one', index)),
    }))
    .node('one', async () => ({ delta: { done: 1 } }))
    .edge('one', 'begin', { when: (state) => state.rounds < times })
    .start('begin')
    .build();
}

/** A node that streams, and a reader that takes each chunk. */
function streaming(chunks: number): AnyGraph {
  return graph('streaming', { state: fields({ answer: text() }) })
    .node('write', async function* () {
      for (let ordinal = 0; ordinal < chunks; ordinal += 1) yield { answer: `token ${ordinal} ` };
    })
    .start('write')
    .build();
}

interface Work {
  readonly name: string;
  readonly unit: string;
  readonly count: number;
  readonly run: () => Promise<void>;
}

async function runOn(built: AnyGraph, store: RunStore): Promise<void> {
  await using engine = createEngine(built, { store });
  await engine.run({}).orThrow();
}

async function readOn(built: AnyGraph, store: RunStore, chunks: number): Promise<void> {
  await using engine = createEngine(built, { store });
  let count = 0;
  for await (const item of engine.stream({})) if (item.kind === 'chunk') count += 1;
  if (count !== chunks) throw new Error(`${count} chunks came`);
}

async function fixtureOf(built: AnyGraph): Promise<string> {
  const store = memoryStore();
  const engine = createEngine(built, { store });
  await engine.run({}, { runId: 'run' }).orThrow();
  const path = newFile('.run.jsonl');
  await exportRunTo(store, 'run', path);
  await engine.close();
  return path;
}

async function compared(one: string, other: string): Promise<void> {
  const shared = new SharedLines();
  const recorded = await openRun({ kind: 'fixture', path: one }, shared);
  const replayedRun = await openRun({ kind: 'fixture', path: other }, shared);
  const { roots } = await compareRuns(recorded, replayedRun);
  recorded.close();
  replayedRun.close();
  if (roots.length !== 1) throw new Error(`${roots.length} causes were found`);
}

async function replayed(built: AnyGraph, path: string, mode: 'effects' | 'outputs'): Promise<void> {
  const { report } = await replay(built, path, { mode });
  if (report.verdict !== 'same') throw new Error('the replay diverged');
}

const steps = 10_000;
const chunks = 10_000;
const loopFixture = await fixtureOf(loop(steps));
const comparedFixtures = [
  await fixtureOf(loopOnceOther(50_000, Number.POSITIVE_INFINITY)),
  await fixtureOf(loopOnceOther(50_000, 30_000)),
] as const;
const growingFixture = await fixtureOf(growing(steps));

const works: readonly Work[] = [
  { name: 'trivial steps, memory', unit: 'steps', count: 3 * steps, run: () => runOn(loop(3 * steps), memoryStore()) },
  {
    name: 'trivial steps, SQLite',
    unit: 'steps',
    count: steps,
    run: () => runOn(loop(steps), sqliteStore(newFile('.db'))),
  },
  {
    name: 'steps over a growing list, memory',
    unit: 'steps',
    count: steps,
    run: () => runOn(growing(steps), memoryStore()),
  },
  {
    name: '100 sends joined, 20 times, memory',
    unit: 'tasks',
    count: 2_000,
    run: () => runOn(fan(100, 20), memoryStore()),
  },
  {
    name: '100 sends joined, 20 times, SQLite',
    unit: 'tasks',
    count: 2_000,
    run: () => runOn(fan(100, 20), sqliteStore(newFile('.db'))),
  },
  {
    name: '10,000 sends in one step, memory',
    unit: 'tasks',
    count: 10_000,
    run: () => runOn(fan(10_000, 1), memoryStore()),
  },
  {
    name: 'chunks to a reader, memory',
    unit: 'chunks',
    count: chunks,
    run: () => readOn(streaming(chunks), memoryStore(), chunks),
  },
  {
    name: 'chunks to a reader, SQLite',
    unit: 'chunks',
    count: chunks,
    run: () => readOn(streaming(chunks), sqliteStore(newFile('.db')), chunks),
  },
  {
    name: 'replay of a 10,000-step run, outputs',
    unit: 'steps',
    count: steps,
    run: () => replayed(loop(steps), loopFixture, 'outputs'),
  },
  {
    name: 'replay of a 10,000-step run, effects',
    unit: 'steps',
    count: steps,
    run: () => replayed(loop(steps), loopFixture, 'effects'),
  },
  {
    name: 'replay over a growing list, outputs',
    unit: 'steps',
    count: steps,
    run: () => replayed(growing(steps), growingFixture, 'outputs'),
  },
  {
    name: 'diff of runs of 100,000 entries',
    unit: 'entries',
    count: 100_000,
    run: () => compared(...comparedFixtures),
  },
  ...(['not', 'not, by a policy for failures', 'by hand', 'by a policy'] as const).map((how) => ({
    name: `short runs, SQLite, recorded ${how}`,
    unit: 'runs',
    count: 100,
    run: recordedRuns(100, how),
  })),
];

/** Runs of two steps, none of which fails. */
function recordedRuns(
  count: number,
  how: 'not' | 'not, by a policy for failures' | 'by hand' | 'by a policy',
): () => Promise<void> {
  return async () => {
    const to = newFile('');
    const store = sqliteStore(newFile('.db'));
    const when = how === 'by a policy' ? 'all' : 'failed';
    const record = how.includes('a policy') ? { record: { when, to } as const, graceMs: 60_000 } : {};
    await using engine = createEngine(loop(2), { store, ...record });
    for (let number = 0; number < count; number += 1) {
      const { id } = await engine.run({});
      if (how === 'by hand') await exportRunTo(store, id, `${to}/`);
    }
  };
}

async function measured({
  name,
  unit,
  count,
  run,
}: Work): Promise<{ readonly name: string; readonly unit: string; readonly perSecond: readonly number[] }> {
  await run();
  const perSecond: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    await run();
    perSecond.push(Math.round((count / (performance.now() - begin)) * 1_000));
  }
  return { name, unit, perSecond: perSecond.sort((left, right) => left - right) };
}

const results = [];
for (const work of works) results.push(await measured(work));
const bytesPerStep = Math.round(statSync(loopFixture).size / steps);

if (process.argv.includes('--json')) {
  console.log(
    JSON.stringify({
      version: 1,
      reprise: version,
      node: process.version,
      cores: availableParallelism(),
      results,
      bytesPerStep,
    }),
  );
} else {
  console.log(
    `reprise ${version}, Node ${process.version}, ${availableParallelism()} cores, median of ${rounds} rounds [least to most]`,
  );
  for (const { name, unit, perSecond } of results) {
    const median = perSecond[Math.floor(perSecond.length / 2)] as number;
    const format = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
    console.log(
      `${name.padEnd(40)} ${format(median).padStart(9)} ${unit}/s  [${format(perSecond[0] as number)} to ${format(perSecond.at(-1) as number)}]`,
    );
  }
  console.log(`${'fixture of a trivial step'.padEnd(40)} ${String(bytesPerStep).padStart(9)} bytes`);
  console.log('Not measured: real networks, several processes on one store, power-safe commits, other systems.');
}
rmSync(folder, { recursive: true, force: true });
