import type { Entry, RunEntry } from '../../src/journal/entry.ts';
import type { RunStore } from '../../src/port/store.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { collected } from './journals.ts';

/** What a crash leaves of a run just before its first attempt ends. */
export async function crashedBeforeOutcome(store: RunStore, runId: string): Promise<ReturnType<typeof memoryStore>> {
  const entries = await collected(store.read(runId));
  const end = entries.findIndex(({ kind }) => kind === 'outcome');
  const [run, ...more] = entries.slice(0, end) as [RunEntry, ...Entry[]];
  const left = memoryStore();
  await left.create(run, more);
  return left;
}
