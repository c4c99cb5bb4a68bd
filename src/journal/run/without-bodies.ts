// What an entry of a committed step becomes in a run that is not recorded: a resume does not need what it held.
import { RepriseError } from '../../base/error.ts';
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

/** What a store says of a run. */
interface KeptRun {
  readonly runId: string;
  readonly recording?: string;
}

/**
 * The entries of a run that holds what a fixture needs.
 *
 * @throws RepriseError `run-not-kept`
 */
export async function* keptEntries(
  { runId, recording }: KeptRun,
  entries: AsyncIterable<Entry>,
): AsyncGenerator<Entry> {
  const isSkipped = recording?.startsWith('not-recorded') === true;
  for await (const entry of entries) {
    // Chunks that are not kept otherwise are told where a fixture is written.
    if (lacksBodies(entry) && (isSkipped || entry.kind !== 'chunk')) throw notKept(runId);
    yield entry;
  }
}

function lacksBodies(entry: Entry): boolean {
  if (entry.kind === 'chunk') return entry.dropped !== undefined;
  return (entry.kind === 'effect' || entry.kind === 'pooled') && entry.observed.dropped === true;
}

function notKept(runId: string): RepriseError {
  return new RepriseError(
    'run-not-kept',
    `run "${runId}" was not recorded, so the store keeps only what a resume needs`,
    {
      nextStep: 'The option `record` of its engine says which runs are recorded.',
      fields: { runId },
    },
  );
}
