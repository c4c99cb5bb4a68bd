// How many runs the explorer makes in a second of one processor, beside how many steps that do nothing the same machine takes
// in memory at that time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { append, createEngine, fields, graph, input, memoryStore, sum } from '../../src/index.ts';
import { explore } from '../../src/explore/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { untilFound } from './until-found.ts';

const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-explore-'));

/** Two tasks around a fan-out, and an effect in each of its tasks. What they share keeps a proof from ending the search. */
function fanOut(tasks: number): AnyGraph {
  let calls = 0;
  return graph('fan-out', {
    state: fields({ found: append<number>(), tokens: sum() }),
    inputs: { work: input<{ id: number }>() },
  })
    .node('plan', (_state, { send }) => ({
      route: Array.from({ length: tasks - 2 }, (_, id) => send('work', { id })),
    }))
    .node('work', async (_state, { input: { id }, effect }) => {
      calls += 1;
      return { delta: { found: [await effect('model', { id }, async () => id * 2)], tokens: 1 } };
    })
    .node('end', () => (calls < 0 ? { delta: { tokens: 1 } } : {}))
    .edge('work', 'end')
    .start('plan')
    .build();
}

async function recorded(given: AnyGraph, name: string): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(given, { store });
  await engine.run({} as never, { runId: name });
  return exportRunTo(store, name, join(folder, `${name}.run.jsonl`));
}

/** Of one processor, in which `work` did so many things. */
async function perSecond(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((count / (user + system)) * 1e6);
}

const steps = 40_000;
const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('increase', () => ({ delta: { count: 1 } }))
  .edge('increase', 'increase', { when: ({ count }) => count < steps })
  .start('increase')
  .build();

async function trivialSteps(): Promise<number> {
  await using engine = createEngine(counter);
  await engine.run({});
  return steps;
}

try {
  for (const [tasks, schedules] of [
    [20, 3_000],
    [200, 300],
  ] as const) {
    const given = fanOut(tasks);
    const fixture = await recorded(given, `tasks-${tasks}`);
    const work = async (): Promise<number> => {
      const report = await explore(given, fixture, { schedules });
      if (report.verdict !== 'no difference') throw new Error(`it was ${report.verdict}`);
      return report.schedules;
    };
    await perSecond(work);
    const [runs, trivial] = [await perSecond(work), await perSecond(trivialSteps)];
    const scaled = Math.round((runs * 250_000) / trivial);
    console.log(
      `${tasks} tasks: ${runs} runs a second; ${trivial} steps a second, so ${scaled} where those are 250,000`,
    );
  }
  await untilFound(recorded);
} finally {
  rmSync(folder, { recursive: true });
}
