import { canonicalTextOf } from '../../base/canonical-json.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import { taskOfAttempt } from '../../journal/key.ts';

/** How big a run is. */
export interface RunSize {
  readonly steps: number;
  readonly tasks: number;
  readonly effects: number;
  readonly chunks: number;
  /** Characters of its entries. */
  readonly length: number;
}

export function sizeOf(entries: readonly Entry[]): RunSize {
  const tasks = new Set(entries.flatMap((entry) => (entry.kind === 'outcome' ? [taskOfAttempt(entry.at)] : [])));
  return {
    steps: entries.filter(({ kind, at }) => kind === 'commit' && !at.includes('/') && at !== '0').length,
    tasks: tasks.size,
    effects: entries.filter(({ kind }) => kind === 'effect').length,
    chunks: entries.reduce((count, entry) => count + (entry.kind === 'chunk' ? entry.deltas.length : 0), 0),
    length: entries.reduce((sum, entry) => sum + lengthOf(entry), 0),
  };
}

export function lengthOf(entry: Entry): number {
  return canonicalTextOf(canonicalValue(entry, 'entry', { maxBytes: Number.POSITIVE_INFINITY })).length;
}
