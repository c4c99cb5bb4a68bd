// A process that uses a store, for the tests of several at once:
//   store-process-main.ts whole <path> <run id> <count>   a whole run of that many appends
//   store-process-main.ts batches <path> <run id>         appends three entries at a time until it loses the run
//   store-process-main.ts codes <path> <mode>             uses the store in each way, and tells the codes of the errors
import { RepriseError } from '../../src/base/error.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { endEntry, eventEntry, runEntry } from './journals.ts';
import { codesOf } from './store-codes.ts';

const [command, path = '', runId = '', count = '0'] = process.argv.slice(2);
const store = sqliteStore(path, command === 'codes' && runId === 'read' ? { mode: 'read' } : {});

/** What each entry of a run repeats: the file keeps it once for each run, however many processes write. */
const history = Array.from({ length: 100 }, (_unused, index) => `message ${index} `.repeat(5));

async function whole(): Promise<object> {
  const lease = await store.create(runEntry(runId));
  for (let ordinal = 0; ordinal < Number(count); ordinal += 1) {
    await store.append(lease, [eventEntry('1.0#1', { ordinal, data: { runId, history } })]);
  }
  await store.append(lease, [endEntry()]);
  return { written: Number(count) };
}

async function batches(): Promise<object> {
  const lease = await store.create(runEntry(runId));
  for (let batch = 0; ; batch += 1) {
    const ordinals = [0, 1, 2].map((place) => batch * 3 + place);
    await store.append(
      lease,
      ordinals.map((ordinal) => eventEntry('1.0#1', { ordinal, data: process.pid })),
    );
    if (batch === 0) process.stdout.write('begun\n');
  }
}

try {
  const work = { whole, batches, codes: () => codesOf(store) }[String(command)];
  const result = await work?.();
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (thrown) {
  if (!(thrown instanceof RepriseError)) throw thrown;
  process.stdout.write(`${JSON.stringify({ code: thrown.code })}\n`);
} finally {
  await store.close();
}
