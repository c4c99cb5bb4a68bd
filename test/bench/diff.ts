// Measures `reprise diff` of two fixtures with 100,000 entries and one difference, each time in a process of its own: the
// processor time, the time until it ends, and the most memory that it took. Prints medians with their ranges.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEngine, fields, graph, input, memoryStore, sum } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';

const rounds = Number(process.env.REPRISE_BENCH_ROUNDS ?? 7);
const program = 'dist/cli/main.mjs';
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-'));

/** 50,000 steps of one task, one of which once makes something else. */
function longLoop(otherAt: number): AnyGraph {
  return graph('loop', { state: fields({ count: sum(), other: sum() }) })
    .node('a', async ({ count }) => ({ delta: { count: 1, other: count === otherAt ? 1 : 0 } }))
    .edge('a', 'a', { when: (state) => state.count < 50_000 })
    .start('a')
    .build();
}

/** 166 fan-outs of 300 tasks, each with an effect, one of which once gets another answer. */
function wideSteps(otherAt: number): AnyGraph {
  return graph('fan', { state: fields({ done: sum(), rounds: sum() }), inputs: { one: input<number>() } })
    .node('begin', ({ rounds: round }, { send }) => ({
      delta: { rounds: 1 },
      route: Array.from({ length: 300 }, (_unused, index) => send('one', round * 300 + index)),
    }))
    .node('one', async (_state, { input: number, effect }) => ({
      delta: { done: await effect('get', { number }, async () => (number === otherAt ? 2 : 1)) },
    }))
    .edge('one', 'begin', { when: (state) => state.rounds < 166 })
    .start('begin')
    .build();
}

async function fixtureOf(built: AnyGraph, name: string): Promise<string> {
  const path = join(folder, `${name}.run.jsonl`);
  const store = memoryStore();
  await using engine = createEngine(built, { store });
  await engine.run({}, { runId: 'run' }).orThrow();
  await exportRunTo(store, 'run', path);
  return path;
}

interface Usage {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly memoryMb: number;
}

/** Has a process say at its end what it has used, as the last line of its errors. */
const sayUsage = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write(JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1_000, memoryMb: maxRSS / 1_000 }) + '\\n');
});`;

async function usageOf(paths: readonly string[]): Promise<Usage> {
  const begin = performance.now();
  const loader = `data:text/javascript,${encodeURIComponent(sayUsage)}`;
  // It ends with 1, since the two differ.
  const { code, stderr } = await promisify(execFile)(process.execPath, ['--import', loader, program, 'diff', ...paths])
    .then((ended) => ({ ...ended, code: 0 }))
    .catch((failed: { readonly code: number; readonly stderr: string }) => failed);
  if (code !== 1) throw new Error(`it ended with ${code}: ${stderr}`);
  const used = JSON.parse(stderr.trim().split('\n').at(-1) as string) as Omit<Usage, 'wallMs'>;
  return { ...used, wallMs: performance.now() - begin };
}

function summary(figures: readonly number[], unit: string): string {
  const sorted = figures.map(Math.round).sort((left, right) => left - right);
  return `${sorted[Math.floor(sorted.length / 2)]} ${unit} (${sorted[0]} to ${sorted.at(-1)})`;
}

const pairs = {
  '50,000 steps of one task': [longLoop(-1), longLoop(30_000)],
  '166 fan-outs of 300 tasks': [wideSteps(-1), wideSteps(25_000)],
} as const;

for (const [name, [one, other]] of Object.entries(pairs)) {
  const paths = [await fixtureOf(one, `${one.name}-1`), await fixtureOf(other, `${other.name}-2`)];
  await usageOf(paths);
  const used: Usage[] = [];
  for (let round = 0; round < rounds; round += 1) used.push(await usageOf(paths));
  console.log(
    [
      name.padEnd(28),
      `processor ${summary(
        used.map(({ cpuMs }) => cpuMs),
        'ms',
      )}`,
      `time ${summary(
        used.map(({ wallMs }) => wallMs),
        'ms',
      )}`,
      `memory ${summary(
        used.map(({ memoryMb }) => memoryMb),
        'MB',
      )}`,
    ].join('  '),
  );
}
rmSync(folder, { recursive: true, force: true });
