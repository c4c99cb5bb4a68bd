// What an entry of a committed step becomes in a run that is not recorded: a resume does not need what it held.
import { canonicalList } from '../../base/value.ts';
import type { ChunkEntry, Entry } from '../entry.ts';

/** The entry without its bodies; undefined if it holds none, or no longer, or only chunks that are kept. */
export function withoutBodies(entry: Entry, keeps: 'chunks' | 'nothing' = 'nothing'): Entry | undefined {
  switch (entry.kind) {
    case 'chunk':
      return entry.deltas.length === 0 || keeps === 'chunks' ? undefined : withoutChunks(entry);
    case 'effect':
    case 'pooled': {
      const { began, ended, dropped } = entry.observed;
      if (dropped === true) return undefined;
      return {
        ...entry,
        request: null,
        outcome: { kind: 'value', value: null },
        observed: { began, ended, dropped: true },
      };
    }
    default:
      return undefined;
  }
}

export function holdsChunks(entry: Entry): boolean {
  return entry.kind === 'chunk' && entry.deltas.length > 0;
}

/** The chunks are gone: their number is left. */
export function withoutChunks(entry: ChunkEntry): ChunkEntry {
  const dropped = (entry.dropped ?? 0) + entry.deltas.length;
  return { ...entry, deltas: canonicalList([]), dropped, observed: { times: [] } };
}

/** Whether the entry lacks what a fixture needs. */
export function lacksBodies(entry: Entry): boolean {
  if (entry.kind === 'chunk') return entry.dropped !== undefined;
  return (entry.kind === 'effect' || entry.kind === 'pooled') && entry.observed.dropped === true;
}
