// How much of what was recorded of a step a run has repeated, from 0 to 1. It tells a search which of two wrong orders is
// the better one to begin from: a list that was right up to its third item says that the order was right until then.
import { alikeMax, likeness } from '../../base/likeness.ts';
import type { Value } from '../../base/value.ts';
import type { EffectRef, Entry } from '../../journal/entry.ts';
import { entryIdentity, sameEntry } from '../../journal/entry-identity.ts';
import type { AttemptKey } from '../../journal/key.ts';

/** More effects of one name are compared up to here. */
const comparedMax = 1_000;

/** `missing`: what was asked for in vain, which is in no journal. */
export function stepLikeness(
  recorded: readonly Entry[],
  run: readonly Entry[],
  missing: ReadonlyMap<AttemptKey, readonly EffectRef[]>,
): number {
  const byKey = Map.groupBy(run, groupOf);
  let sum = 0;
  for (const entry of recorded) {
    const asked =
      entry.kind === 'effect' ? (missing.get(entry.at) ?? []).filter(({ name }) => name === entry.name) : [];
    sum += entryLikeness(entry, byKey.get(groupOf(entry)) ?? [], asked);
  }
  return recorded.length === 0 ? 1 : sum / recorded.length;
}

/** What stands for the same thing in both runs. What differs in an effect may be what it asks for. */
function groupOf(entry: Entry): string {
  return entry.kind === 'effect' ? `effect ${entry.at} ${entry.name}` : entryIdentity(entry);
}

function entryLikeness(recorded: Entry, candidates: readonly Entry[], asked: readonly EffectRef[]): number {
  if (candidates.some((entry) => sameEntry(entry, recorded))) return 1;
  const whole = partsOf(recorded);
  let best = 0;
  for (const entry of candidates.slice(0, comparedMax)) best = Math.max(best, likeness(whole, partsOf(entry)));
  if (recorded.kind === 'effect')
    for (const { request } of asked.slice(0, comparedMax))
      best = Math.max(best, likeness(recorded.request, request) * alikeMax);
  return best;
}

function partsOf(entry: Entry): Value {
  const { observed: _, ...parts } = entry as Entry & { readonly observed?: unknown };
  return parts as unknown as Value;
}
