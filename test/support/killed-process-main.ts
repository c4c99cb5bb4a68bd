// A process that begins runs that do not exist yet, and resumes those that others left behind:
//   killed-process-main.ts <path of the store> <address of the outside> <how many runs>
// It ends when all of them are done; it is meant to be killed before.
import { RepriseError } from '../../src/base/error.ts';
import { createEngine } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { killedGraph, runIdOf } from './killed-run.ts';
import type { Call } from './killed-run.ts';

const [path = '', address = '', count = '0'] = process.argv.slice(2);

async function outside(call: Call): Promise<number> {
  const response = await fetch(address, { method: 'POST', body: JSON.stringify(call) });
  return (await response.json()) as number;
}

function tell(thrown: unknown, runId: string | undefined): void {
  process.stdout.write(`${JSON.stringify({ runId, error: String(thrown) })}\n`);
}

const store = sqliteStore(path, { checkpointLength: 500 });
const engine = createEngine(killedGraph(outside), { store, leaseMs: 300 });
const worker = engine.work({ pollMs: 25, onError: tell });

const items = Array.from({ length: Number(count) }, (_unused, item) => item).values();
async function begin(): Promise<void> {
  for (const item of items) {
    const runId = runIdOf(item);
    try {
      if ((await store.find(runId)) === undefined) await engine.run({ runId, item }, { runId });
    } catch (thrown) {
      // Another process was faster, or had reason to believe that this one is dead.
      const isExpected = thrown instanceof RepriseError && ['run-exists', 'lease-lost'].includes(thrown.code);
      if (!isExpected) tell(thrown, runId);
    }
  }
}
await Promise.all(Array.from({ length: 4 }, begin));

const isLeft = async (): Promise<boolean> =>
  (await store.list({ status: 'done', limit: 100_000 })).length < Number(count);
while (await isLeft()) await new Promise((resolve) => setTimeout(resolve, 50));
await worker.stop();
await engine.close();
