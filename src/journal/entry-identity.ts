import { sameValue } from '../base/equal.ts';
import type { Value } from '../base/value.ts';
import { effectIdentity } from './effect-identity.ts';
import type { EffectRef, Entry } from './entry.ts';
import type { AttemptKey } from './key.ts';

/** What distinguishes an entry from all others of its journal: its kind, its key, and its own part. */
export function entryIdentity(entry: Entry): string {
  switch (entry.kind) {
    case 'begin':
    case 'effect':
    case 'pooled':
      return identityOfEffect(entry.kind, entry.at, entry);
    case 'chunk':
    case 'restart':
      return `${entry.kind} ${entry.at} ${entry.ordinal}`;
    case 'event':
      return `event ${entry.at} ${entry.task ?? ''} ${entry.ordinal} ${entry.stream}`;
    case 'task':
      return `task ${entry.at} ${entry.path}`;
    case 'ambient':
      return `ambient ${entry.at} ${entry.ordinal}`;
    case 'note':
      return `note ${entry.at} ${entry.what} ${entry.message}`;
    default:
      return `${entry.kind} ${entry.at}`;
  }
}

/** That of an entry about this effect. */
export function identityOfEffect(kind: 'begin' | 'effect' | 'pooled', at: AttemptKey, ref: EffectRef): string {
  return `${kind} ${at} ${effectIdentity(ref)} ${ref.occurrence}`;
}

/** Whether two entries are the same, apart from what was observed. */
export function sameEntry(left: Entry, right: Entry): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind || left.at !== right.at) return false;
  const keys = Object.keys(left);
  const others = Object.keys(right);
  if (keys.length !== others.length) return false;
  for (let place = 0; place < keys.length; place += 1) {
    const key = keys[place] as string;
    if (key === 'observed') continue;
    // As a rule they were made in the same place, with their keys in one order.
    if (others[place] !== key && !Object.hasOwn(right, key)) return false;
    const [one, other] = [(left as unknown as Fields)[key], (right as unknown as Fields)[key]];
    if (!Object.is(one, other) && !sameValue(one, other)) return false;
  }
  return true;
}

type Fields = { readonly [key: string]: Value };
