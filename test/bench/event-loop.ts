// How long everything else in the process waits for its turn of the event loop while 100 runs go through it, alone and
// with another process that keeps a core busy.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { append, createEngine, fields, graph, input, last, merge, sum, text } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

const runs = 100;
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-loop-'));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tokens that come 2 ms apart, and a call of the outside in each of ten steps. */
const streaming = graph('streaming', { state: fields({ answer: text(), count: sum() }) })
  .node('write', async function* (_state, { effect }) {
    await effect('model', {}, () => pause(5));
    for (let token = 0; token < 20; token += 1) {
      await pause(2);
      yield { answer: `token ${token} ` };
    }
    return { delta: { count: 1 } };
  })
  .edge('write', 'write', { when: ({ count }) => count < 10 })
  .start('write')
  .build();

/** Each of ten steps replaces 200 kB. */
const large = graph('large', { state: fields({ body: last(''), count: sum() }) })
  .node('write', async ({ count }, { effect }) => {
    const letter = await effect('model', { count }, async () => {
      await pause(5);
      return String.fromCharCode(97 + count);
    });
    return { delta: { body: letter.repeat(200_000), count: 1 } };
  })
  .edge('write', 'write', { when: ({ count }) => count < 10 })
  .start('write')
  .build();

/** Steps that wait for nothing. */
const busy = graph('busy', { state: fields({ count: sum() }) })
  .node('count', async () => ({ delta: { count: 1 } }))
  .edge('count', 'count', { when: ({ count }) => count < 200 })
  .start('count')
  .build();

/** One state of 8 MB, in pieces, of which each step replaces a tenth. */
const state = graph('state', { state: fields({ pages: merge<{ [page: string]: string }>(), count: sum() }) })
  .node('write', ({ count }) => ({
    delta: { pages: { [`page ${count % 10}`]: `${count} of some words `.repeat(50_000) }, count: 1 },
  }))
  .edge('write', 'write', { when: ({ count }) => count < 20 })
  .start('write')
  .build();

/** One step of 5,000 tasks, each with a result of 2 kB. */
const wide = graph('wide', { state: fields({ found: append<string>() }), inputs: { find: input<number>() } })
  .node('split', (_state, { send }) => ({
    route: Array.from({ length: 5_000 }, (_unused, index) => send('find', index)),
  }))
  .node('find', async (_state, context) => ({ delta: { found: [`${context.input} of 5,000 `.repeat(130)] } }))
  .start('split')
  .build();

const inner = graph('inner', { state: fields({ n: last(0) }) })
  .node('count', async ({ n }, { effect }) => ({ delta: { n: await effect('count', { n }, () => n + 1) } }))
  .start('count')
  .build();

/** One step of 20,000 inner runs beside a question: the run pauses with 80,000 entries in its open step. */
const asking = graph('asking', { state: fields({ sum: sum(), answer: last('') }), inputs: { one: input<number>() } })
  .node('split', (_state, { send, goto }) => ({
    route: [...Array.from({ length: 20_000 }, (_unused, index) => send('one', index)), goto('ask')],
  }))
  .node('ask', async (_state, { ask }) => ({ delta: { answer: await ask<string>('Continue?') } }))
  .subgraph('one', inner, { input: (_state, { input: n }) => ({ n }), output: ({ n }) => ({ sum: n }) })
  .start('split')
  .build();

interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** The 99th percentile of the processor time that this thread spends meanwhile, which no other process makes longer. */
  readonly own: number;
  readonly seconds: number;
}

const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

async function delayDuring(work: () => Promise<unknown>): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  const spent: number[] = [];
  let since = process.threadCpuUsage();
  const looks = setInterval(() => {
    spent.push(ms(process.threadCpuUsage(since)));
    since = process.threadCpuUsage();
  }, 1);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  histogram.disable();
  clearInterval(looks);
  spent.sort((one, other) => one - other);
  return {
    p50: histogram.percentile(50) / 1e6,
    p99: histogram.percentile(99) / 1e6,
    longest: histogram.max / 1e6,
    own: spent[Math.floor(spent.length * 0.99)] ?? 0,
    seconds,
  };
}

let fileCount = 0;

async function runAll(built: AnyGraph, count = runs): Promise<void> {
  fileCount += 1;
  await using engine = createEngine(built, { store: sqliteStore(join(folder, `${fileCount}.db`)) });
  await Promise.all(Array.from({ length: count }, () => engine.run({}).orThrow()));
}

/** The processor time that this thread spends between two turns of the event loop, which no other process makes longer. */
async function longestBlock(
  work: () => Promise<unknown>,
): Promise<{ readonly longest: number; readonly total: number }> {
  let isOver = false;
  let longest = 0;
  let since = process.threadCpuUsage();
  const turn = (): void => {
    longest = Math.max(longest, ms(process.threadCpuUsage(since)));
    since = process.threadCpuUsage();
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const began = process.threadCpuUsage();
  await work();
  isOver = true;
  return { longest, total: ms(process.threadCpuUsage(began)) };
}

async function blockOf(what: string, work: () => Promise<unknown>): Promise<void> {
  const { longest, total } = await longestBlock(work);
  console.log(`${what.padEnd(28)} longest block ${longest.toFixed(0)} ms of ${total.toFixed(0)} ms processor time`);
}

/** Whatever can be done with one wide step. */
async function wideStep(): Promise<void> {
  const path = join(folder, 'asking.db');
  const fixture = join(folder, 'asking.run.jsonl');
  {
    await using engine = createEngine(asking, { store: sqliteStore(path) });
    await blockOf('live, up to a question', () => engine.run({}, { runId: 'run' }));
    const [question] = await engine.questions('run');
    await engine.answer('run', question?.key ?? '', 'yes');
  }
  {
    await using engine = createEngine(asking, { store: sqliteStore(path) });
    await blockOf('resumed', () => engine.resume('run').orThrow());
  }
  const store = sqliteStore(path);
  await blockOf('exported', () => exportRunTo(store, 'run', fixture));
  await store.close();
  for (const mode of ['effects', 'outputs'] as const)
    await blockOf(`replayed, ${mode}`, async () => {
      const { report } = await replay(asking, fixture, { mode });
      if (report.verdict !== 'same') throw new Error('the replay diverged');
    });
}

const works: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['idle', () => pause(1_000)],
  ['token streams and effects', () => runAll(streaming)],
  ['200 kB a step', () => runAll(large)],
  ['steps that wait for nothing', () => runAll(busy)],
  ['one run with 8 MB of state', () => runAll(state, 1)],
  ['one run with 5,000 tasks', () => runAll(wide, 1)],
];

console.log(`${runs} runs on SQLite in one process: delay of the event loop in ms`);
for (const isLoaded of [false, true]) {
  const other = isLoaded ? spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }) : undefined;
  for (const [name, work] of works) {
    const { p50, p99, longest, own, seconds } = await delayDuring(work);
    const figures = [p50, p99, longest, own].map((ms) => ms.toFixed(1).padStart(8)).join('');
    const where = isLoaded ? 'beside a busy process' : 'alone';
    console.log(
      `${name.padEnd(28)} ${where.padEnd(22)} p50, p99, longest, p99 of its own ${figures}   in ${seconds.toFixed(1)} s`,
    );
  }
  other?.kill('SIGKILL');
}
console.log('\none step of 20,000 inner runs');
await wideStep();
rmSync(folder, { recursive: true, force: true });
