import type { GraphDescription } from '../../journal/description.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';

/** Fields of today's graph that a run has got only by a migration: it began without them. */
export function migratedFields(
  recorded: GraphDescription,
  today: GraphDescription,
  steps: () => Iterable<CanonicalStep>,
): readonly string[] {
  const [before, after] = [recorded.state, today.state];
  if (before.kind !== 'fields' || after.kind !== 'fields') return [];
  const later = Object.keys(after.fields).filter((name) => !Object.hasOwn(before.fields, name));
  return later.length > 0 && isMigrated(steps()) ? later : [];
}

function isMigrated(steps: Iterable<CanonicalStep>): boolean {
  for (const { entries } of steps)
    if (entries.some((entry) => entry.kind === 'edit' && entry.by === 'migrate')) return true;
  return false;
}
