import { addressesOf, formatAddress } from '../journal/address.ts';
import type { BeginEntry, EffectEntry, Entry } from '../journal/entry.ts';

/** The address of each effect among the entries of one step, for its entry and for that of its beginning. */
export function effectAddresses(entries: readonly Entry[]): ReadonlyMap<Entry, string> {
  const effects = entries.filter((entry): entry is EffectEntry | BeginEntry => {
    return entry.kind === 'effect' || entry.kind === 'begin';
  });
  const addresses = new Map<Entry, string>();
  for (const [at, ofAttempt] of Map.groupBy(effects, (effect) => effect.at))
    for (const [effect, address] of addressesOf(at, ofAttempt)) addresses.set(effect, formatAddress(address));
  return addresses;
}
