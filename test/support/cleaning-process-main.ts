// A process with a run that is stopped, and cleans up:
//   cleaning-process-main.ts <path of the store> <address of the outside> <timeout | cancel | failure>
// It begins the run, or resumes it if another process has left it behind. It is meant to be killed while it cleans up.
import { createEngine, fields, graph } from '../../src/index.ts';
import type { PerformContext } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

const [path = '', address = '', why = ''] = process.argv.slice(2);

const call =
  (name: string) =>
  async (_request: null, { idempotencyKey }: PerformContext): Promise<string> => {
    const response = await fetch(address, { method: 'POST', body: JSON.stringify({ name, key: idempotencyKey }) });
    return response.text();
  };

const held = Promise.withResolvers<void>();
const cleaning = graph('cleaning', { state: fields({}) })
  .node('begin', () => undefined)
  .node('bad', async (_state, { effect }) => {
    await effect('fail', null, async () => {
      if (why !== 'failure') return;
      await held.promise;
      throw new Error('bad');
    });
  })
  .node(
    'hold',
    async (_state, { effect, onStop, sleep }) => {
      for (const name of ['third', 'second', 'first'])
        onStop(async ({ effect: clean }) => {
          await clean(name, null, call(name));
        });
      await effect('lock', null, call('lock'));
      held.resolve();
      if (why === 'cancel') setTimeout(() => void engine.cancel('r', 'enough'), 10);
      await sleep(3_600_000);
    },
    why === 'timeout' ? { timeoutMs: 2_000 } : {},
  )
  .edge('begin', 'bad')
  .edge('begin', 'hold')
  .start('begin')
  .build();

const store = sqliteStore(path);
const engine = createEngine(cleaning, { store, leaseMs: 300, graceMs: 100, cleanupMs: 30_000 });
const isKnown = (await store.find('r')) !== undefined;
for (;;) {
  try {
    const run = await (isKnown ? engine.resume('r') : engine.run({}, { runId: 'r' }));
    process.stdout.write(`${run.status}\n`);
    break;
  } catch (thrown) {
    // The lease of the process that was killed has not expired.
    if ((thrown as { code?: string }).code !== 'run-owned') throw thrown;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
await engine.close();
