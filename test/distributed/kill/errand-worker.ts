// A worker for tasks as a process of its own. It says in a file what it performs, a line each, before it answers.
import { appendFileSync } from 'node:fs';
import { createEngine, fields, graph, input, last, sum } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { postgresStore } from '../../../src/store/postgres/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';

export const leaseMs = 2_000;

/** `where`: the file of a store, or the address of a server. */
export function storeAt(where: string, schema: string): RunStore {
  return where.startsWith('postgres') ? postgresStore(where, { schema }) : sqliteStore(where);
}

/** `log`: the file that says what was performed, and by which process. */
export function wide(log: string) {
  return graph('wide', {
    state: fields({ done: sum(), n: last(0), ms: last(0) }),
    inputs: { research: input<number>() },
  })
    .node('begin', (state, { send }) => ({ route: Array.from({ length: state.n }, (_, i) => send('research', i)) }))
    .node(
      'research',
      async ({ ms }, { input: n, effect, sleep }) => {
        await effect('find', n, () => {
          if (log !== '') appendFileSync(log, `${process.pid} find ${n}\n`);
          return n;
        });
        if (ms > 0) await sleep(ms);
        const doubled = await effect('weigh', n, () => {
          if (log !== '') appendFileSync(log, `${process.pid} weigh ${n}\n`);
          return 2 * n;
        });
        return { delta: { done: doubled } };
      },
      { on: 'workers' },
    )
    .start('begin')
    .build();
}

if (import.meta.main) {
  const [where = '', schema = '', log = '', width = '20'] = process.argv.slice(2);
  const engine = createEngine(wide(log), { store: storeAt(where, schema), leaseMs });
  const onError = (thrown: unknown, runId: string | undefined): void => console.error(runId, thrown);
  engine.work({ tasks: ['research'], width: Number(width), onError });
  process.once('SIGTERM', () => void engine.close());
  process.send?.('up');
}
