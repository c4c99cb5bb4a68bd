// A worker as a process of its own. It says what it has performed in a file, a line each, before it answers.
import { appendFileSync } from 'node:fs';
import { createEngine, fields, graph, last, sum } from '../../src/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';

export const stepCount = 12;
export const leaseMs = 2_000;

/** `log`: the file that says what was performed. */
export function steps(log: string) {
  return graph('steps', { state: fields({ count: sum(), name: last('') }) })
    .node('step', async ({ count, name }, { effect }) => {
      await effect('perform', count, async () => {
        appendFileSync(log, `${name} ${count}\n`);
        await new Promise((resolve) => setTimeout(resolve, 15));
        return count;
      });
      return { delta: { count: 1 } };
    })
    .edge('step', 'step', { when: ({ count }) => count < stepCount })
    .start('step')
    .build();
}

if (import.meta.main) {
  const [url = '', schema = '', log = ''] = process.argv.slice(2);
  const engine = createEngine(steps(log), { store: postgresStore(url, { schema }), leaseMs });
  const worker = engine.work({ pollMs: 100, maxRuns: 6, onError: (thrown) => console.error(String(thrown)) });
  process.once('SIGTERM', async () => {
    await worker.stop();
    await engine.close();
  });
}
