// The entries that the laws of stores write: small, and canonical and frozen like those of the engine.
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type {
  ChunkEntry,
  CommitEntry,
  EffectEntry,
  EndEntry,
  Entry,
  EventEntry,
  RunEntry,
  NoteEntry,
  RestartEntry,
} from '../../journal/entry.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import type { DrivenGraph } from '../../port/workers.ts';

export function stored(value: unknown): Value {
  return canonicalValue(value, 'value', { maxBytes: Number.POSITIVE_INFINITY });
}

function frozen<Kind extends Entry>(entry: Kind): Kind {
  return stored(entry) as unknown as Kind;
}

export function graphOf(name = 'desk'): GraphDescription {
  return {
    name,
    state: { kind: 'fields', fields: { text: { kind: 'last', required: false, initial: '' } } },
    nodes: [{ name: 'ask', takesInput: false }],
    edges: [],
    start: 'ask',
  };
}

/** As a worker has it. */
export function lawGraph(name = 'desk', fingerprint = 'f'.repeat(16)): DrivenGraph {
  return { name, fingerprint };
}

/** The same run, for a tenant. */
export function runEntryOf(tenant: string, runId: string, graph = graphOf()): RunEntry {
  const run = runEntry(runId, graph);
  return frozen({ ...run, observed: { ...run.observed, tenant } });
}

export function runEntry(runId: string, graph = graphOf(), time = 1_000): RunEntry {
  const { fingerprint } = lawGraph(graph.name);
  return frozen({ kind: 'run', at: '', graph, fingerprint, semantics: 1, seed: '42', observed: { runId, time } });
}

export function commitEntry(at: string, fields: Partial<CommitEntry> = {}): CommitEntry {
  return frozen({ kind: 'commit', at: at as StepKey, frontier: [], observed: { time: 2_000 }, ...fields });
}

export function effectEntry(at: string, fields: Partial<EffectEntry> = {}): EffectEntry {
  return frozen({
    kind: 'effect',
    at: at as AttemptKey,
    type: 'call',
    name: 'search',
    request: { query: 'weather' },
    occurrence: 0,
    outcome: { kind: 'value', value: 'sunny' },
    observed: { began: 1_100, ended: 1_200 },
    ...fields,
  });
}

export function chunkEntry(at: string, ordinal: number, text: string): ChunkEntry {
  const observed = { times: [1_120] };
  return frozen({ kind: 'chunk', at: at as AttemptKey, node: 'ask', ordinal, deltas: [{ text }], observed });
}

export function eventEntry(at: string, fields: Partial<EventEntry> = {}): EventEntry {
  return frozen({
    kind: 'event',
    at: at as AttemptKey,
    name: 'progress',
    stream: '',
    ordinal: 0,
    data: { percent: 50 },
    observed: { time: 1_150 },
    ...fields,
  });
}

/** Entries that entering an attempt again writes, without being any further. */
export function restartEntry(at: string): RestartEntry {
  return frozen({ kind: 'restart', at: at as AttemptKey, node: 'ask', ordinal: 1, observed: { time: 1_160 } });
}

export function noteEntry(at: string): NoteEntry {
  const message = 'other rules';
  return frozen({ kind: 'note', at: at as AttemptKey, what: 'other-rules', message, observed: { time: 1_170 } });
}

export function endEntry(fields: Partial<EndEntry> = {}): EndEntry {
  return frozen({ kind: 'end', at: '', step: 1, end: { status: 'done' }, observed: { time: 3_000 }, ...fields });
}

/** An end with the given status and time. */
export function endOf(status: 'done' | 'failed' | 'cancelled', time = 3_000): EndEntry {
  const observed = { time };
  if (status === 'failed') return endEntry({ observed, end: { status, error: stored(new Error('no')) } });
  return endEntry({ observed, end: status === 'cancelled' ? { status, reason: 'enough' } : { status } });
}

/** Events that differ only in their ordinals. */
export function eventsUpTo(count: number, from = 0): readonly EventEntry[] {
  return Array.from({ length: count }, (_unused, index) => eventEntry('1.0#1', { ordinal: from + index }));
}

export async function collected<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
