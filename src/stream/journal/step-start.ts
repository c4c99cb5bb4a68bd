// Where a step of the run itself begins: a reader that starts from a cursor starts there, and not at the first entry.
import type { GraphDescription } from '../../journal/description.ts';
import type { CommitEntry, Entry } from '../../journal/entry.ts';
import { keyNumbers } from '../../journal/key.ts';
import type { RunStore } from '../../port/store.ts';
import type { Cursor } from './cursor.ts';

/**
 * The graph of the run where the step of a cursor begins. Nothing if that step has to be found by reading the journal from
 * its first entry: the cursor does not say where it is, or this journal has something else there.
 */
export async function graphAtStart(
  store: RunStore,
  runId: string,
  { start, position }: Cursor,
): Promise<GraphDescription | undefined> {
  if (start.place === 0) return undefined;
  const graph = graphOf(await entryAt(store, runId, start.graphPlace));
  const before = await entryAt(store, runId, start.place - 1);
  if (graph === undefined || before === undefined || !isRootCommit(before)) return undefined;
  const isInTime =
    position.order === 'arrival'
      ? start.place - 1 <= position.place
      : start.ends <= position.ends && Number(before.at) <= (keyNumbers(position.at)[0] as number);
  return isInTime ? graph : undefined;
}

async function entryAt(store: RunStore, runId: string, place: number): Promise<Entry | undefined> {
  for await (const entry of store.read(runId, place, 1)) return entry;
  return undefined;
}

/** The graph that a run continues with after this entry, if the entry says so. */
export function graphOf(entry: Entry | undefined): GraphDescription | undefined {
  return entry?.kind === 'run' || entry?.kind === 'edit' ? entry.graph : undefined;
}

/** Whether a step of the run itself ends with this entry. */
export function isRootCommit(entry: Entry): entry is CommitEntry {
  return entry.kind === 'commit' && !entry.at.includes('/');
}
