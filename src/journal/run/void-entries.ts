import type { Entry } from '../entry.ts';
import { entryIdentity } from '../entry-identity.ts';

/** The entries of a step that still count: without those that a later note makes void. */
export function withoutVoid(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some((entry) => entry.kind === 'note' && entry.voids !== undefined)) return entries;
  const kept: Entry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'note' && entry.voids !== undefined) {
      const place = kept.findLastIndex((one) => entryIdentity(one) === entry.voids);
      if (place >= 0) kept.splice(place, 1);
    }
    kept.push(entry);
  }
  return kept;
}
