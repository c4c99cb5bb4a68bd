// Labels that nodes give to the commit of their step. They are events of a stream of their own, so they are journaled
// and compared like anything else that a node reports.
import type { Entry } from './entry.ts';

export const labelStream = 'reprise.label';

/** The labels of one step, from its entries: those of attempts that are done. */
export function labelsOf(entries: readonly Entry[]): readonly string[] {
  const done = new Set<string>();
  for (const entry of entries) if (entry.kind === 'outcome' && entry.result.status === 'done') done.add(entry.at);
  const labels = entries.flatMap((entry) =>
    entry.kind === 'event' && entry.stream === labelStream && done.has(entry.at) ? [entry.name] : [],
  );
  return [...new Set(labels)].sort();
}
