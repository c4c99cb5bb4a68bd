// A run with a wide step of subgraphs, for the tests of several workers:
//   wide-step-main.ts begin <path> <count>   drives it until every inner run is over, and leaves it open
//   wide-step-main.ts work <path> <count>    works with a lease of 2 s, and tells how each run ended
import { setTimeout } from 'node:timers/promises';
import { createEngine, fields, graph, input, last, sum } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

const [command, path = '', count = '0'] = process.argv.slice(2);

const inner = graph('inner', { state: fields({ n: last(0) }) })
  .node('add', ({ n }) => ({ delta: { n: n + 1 } }))
  .start('add')
  .build();

const wide = graph('wide', { state: fields({ got: sum() }), inputs: { part: input<{ index: number }>() } })
  .node('split', (_state, { send, goto }) => ({
    route: [...Array.from({ length: Number(count) }, (_unused, index) => send('part', { index })), goto('hold')],
  }))
  .subgraph('part', inner, { input: (_state, { input }) => ({ n: input.index }), output: () => ({ got: 1 }) })
  .node('hold', async (_state, { signal }) => {
    if (command === 'begin') await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
  })
  .start('split')
  .build();

if (command === 'begin') {
  const store = sqliteStore(path);
  const engine = createEngine(wide, { store });
  void engine.run({}, { runId: 'wide' }).catch(() => undefined);
  // Of each inner run its two commits and the outcomes of its task and of the task around it.
  while (((await store.find('wide'))?.entryCount ?? 0) < 4 * Number(count)) await setTimeout(50);
  await engine.close();
  process.stdout.write('begun\n');
} else {
  const engine = createEngine(wide, { store: sqliteStore(path), leaseMs: 2_000 });
  engine.work({
    pollMs: 100,
    onRun: ({ status, state }) => void process.stdout.write(`${status} ${(state as { got: number }).got}\n`),
    onError: (error) => void process.stdout.write(`${String((error as { code?: unknown }).code)}\n`),
  });
}
