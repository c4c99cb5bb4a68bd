// Marks: the tail of a journal in readable form, one text for each entry from the last commit on.
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { RunStore } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { collected } from '../../support/journals.ts';

/** Sorted, because the tasks of a step write in any order. */
export function tailMarks(entries: readonly Entry[]): readonly string[] {
  const start = entries.findLastIndex(({ kind, at }) => kind === 'commit' && !at.includes('/'));
  const chunks = new Map<string, number>();
  const marks = entries.slice(Math.max(0, start)).flatMap((entry) => {
    if (entry.kind !== 'chunk') return [markOf(entry)];
    chunks.set(entry.at, entry.ordinal + entry.deltas.length);
    return [];
  });
  return [...marks, ...[...chunks].map(([at, count]) => `chunk ${at} ${count}`)].sort();
}

function markOf(entry: Entry): string {
  const { kind, at } = entry;
  switch (kind) {
    case 'begin':
    case 'effect':
      return `${kind} ${at} ${effectText(entry)}`;
    case 'outcome':
      return `${kind} ${at} ${entry.result.status}`;
    case 'event':
      return `${kind} ${at} ${entry.stream}${entry.stream === '' ? '' : ' '}${entry.name} ${entry.ordinal}`;
    case 'end':
      return `${kind} ${entry.end.status}`;
    default:
      return `${kind} ${at}`;
  }
}

/** A call or request as the outside logs it; type and name of any other effect. */
export function effectText({
  type,
  name,
  request,
}: Pick<Entry & { kind: 'effect' }, 'type' | 'name' | 'request'>): string {
  // Draws and times would make the mark differ from run to run.
  if (type === 'call') return String(request).startsWith('{') ? name : `${name} ${String(request)}`;
  if (type !== 'http') return name === '' ? type : `${type} ${name}`;
  const { method, path } = request as { readonly method: string; readonly path: string };
  return `http ${method} ${path}`;
}

async function marksIn(store: RunStore, runId: string): Promise<readonly string[] | undefined> {
  return (await store.find(runId)) === undefined ? undefined : tailMarks(await collected(store.read(runId)));
}

/** Whether the run exists and its tail has at least these marks. */
export async function holds(store: RunStore, runId: string, marks: readonly string[]): Promise<boolean> {
  const found = await marksIn(store, runId);
  return found !== undefined && marks.every((mark) => found.includes(mark));
}

/** Whether the tail has exactly these marks. */
export async function standsAt(store: RunStore, runId: string, marks: readonly string[]): Promise<boolean> {
  const found = await marksIn(store, runId);
  return found !== undefined && isDeepStrictEqual(found, marks);
}

const pollMs = 10;

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(pollMs);
}
