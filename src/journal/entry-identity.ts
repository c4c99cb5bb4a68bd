import { effectIdentity } from './effect-identity.ts';
import type { Entry } from './entry.ts';

/** What tells an entry from all others of its journal: its kind, its key, and its own part. */
export function entryIdentity(entry: Entry): string {
  switch (entry.kind) {
    case 'effect':
      return `effect ${entry.at} ${effectIdentity(entry)} ${entry.occurrence}`;
    case 'event':
      return `event ${entry.at} ${entry.ordinal} ${entry.stream}`;
    default:
      return `${entry.kind} ${entry.at}`;
  }
}
