// The order in which an attempt asked for its effects, for people: what is compared stands in canonical order.
import type { EffectEntry, Entry } from '../entry.ts';

/** The same entries, in which the effects of each attempt stand as they were asked for, as far as that was observed. */
export function inOrderAsked(entries: readonly Entry[]): readonly Entry[] {
  const places = new Map<string, number[]>();
  for (const [place, { kind, at }] of entries.entries()) {
    if (kind !== 'effect') continue;
    const known = places.get(at);
    if (known === undefined) places.set(at, [place]);
    else known.push(place);
  }
  const shown = [...entries];
  for (const ofAttempt of places.values()) {
    const asked = asAsked(ofAttempt.map((place) => entries[place] as EffectEntry));
    if (asked === undefined) continue;
    for (const [nth, place] of ofAttempt.entries()) shown[place] = asked[nth] as EffectEntry;
  }
  return shown;
}

/** `effects`: those of one attempt. Undefined where nothing was observed. */
export function asAsked(effects: readonly EffectEntry[]): readonly EffectEntry[] | undefined {
  const moments = effects.map(({ observed }) => observed.order?.asked);
  if (moments.every((moment) => moment !== undefined))
    return sortedBy(effects, (_effect, place) => moments[place] ?? 0);
  // An attempt that had one thing open at a time has times alone. A fixture without them says 0.
  if (effects.some(({ observed }) => observed.began === 0)) return undefined;
  return sortedBy(effects, ({ observed }) => observed.began);
}

function sortedBy<Item>(items: readonly Item[], rank: (item: Item, place: number) => number): readonly Item[] {
  return items
    .map((item, place) => ({ item, rank: rank(item, place) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}
