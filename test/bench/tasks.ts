// Tasks of one run over two workers that are processes: how many a second, and what they cost their owner.
// Usage: node test/bench/tasks.ts [tasks] [rounds]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, fields, graph, input, last, sum } from '../../src/index.ts';
import { skipReason, startServer } from '../distributed/server.ts';
import { storeAt } from '../distributed/kill/errand-worker.ts';

const schema = 'bench';
const width = 100;

function bare(withEffect: boolean) {
  return graph(withEffect ? 'asking' : 'bare', {
    state: fields({ done: sum(), n: last(0) }),
    inputs: { research: input<number>() },
  })
    .node('begin', (state, { send }) => ({ route: Array.from({ length: state.n }, (_, i) => send('research', i)) }))
    .node(
      'research',
      async (_state, { effect, input: n }) => ({ delta: { done: withEffect ? await effect('find', n, () => 1) : 1 } }),
      { on: 'workers' },
    )
    .start('begin')
    .build();
}

const graphs = [bare(false), bare(true)];

async function measure(place: string, where: string, taskCount: number, rounds: number): Promise<void> {
  const store = storeAt(where, schema);
  await store.list({ limit: 1 });
  const workers = [1, 2].map(() => fork(import.meta.filename, ['worker', where]));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  for (const each of graphs) {
    const engine = createEngine(each, { store: storeAt(where, schema), maxTasks: 1_000_000 });
    await engine.run({ n: 200 });
    const figures: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [from, cpu] = [performance.now(), process.cpuUsage()];
      await engine.run({ n: taskCount }).orThrow();
      const { user, system } = process.cpuUsage(cpu);
      const aSecond = Math.round((taskCount / (performance.now() - from)) * 1_000);
      figures.push(`${aSecond}/s (owner ${Math.round((user + system) / taskCount)} µs of a processor a task)`);
    }
    console.log(`${place}, ${each.name}: ${figures.join(', ')}`);
    await engine.close();
  }
  for (const worker of workers) worker.kill('SIGKILL');
  await store.close();
}

async function main(taskCount: number, rounds: number): Promise<void> {
  console.log(`${taskCount} tasks of one run over 2 workers of width ${width}; load ${loadavg()[0]?.toFixed(1)}`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-tasks-'));
  await measure('SQLite', join(folder, 'runs.db'), taskCount, rounds);
  const why = skipReason();
  if (why === undefined) {
    const server = await startServer({ isSafe: true });
    await measure('PostgreSQL', server.url, taskCount, rounds);
    await server.remove();
  } else console.log(`PostgreSQL is left out: ${why}`);
  rmSync(folder, { recursive: true });
}

const [first = '1000', second = '3'] = process.argv.slice(2);
if (first === 'worker') {
  for (const each of graphs)
    createEngine(each, { store: storeAt(second, schema) }).work({ tasks: ['research'], width, onError: console.error });
  process.send?.('up');
} else await main(Number(first), Number(second));
