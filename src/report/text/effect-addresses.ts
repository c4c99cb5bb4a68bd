import { addressesOf, formatAddress, parseAddress } from '../../journal/address.ts';
import type { BeginEntry, EffectEntry, Entry } from '../../journal/entry.ts';

/** The addresses of all effects in one step, by effect entry and by begin entry. */
export function effectAddresses(entries: readonly Entry[]): ReadonlyMap<Entry, string> {
  const effects = entries.filter((entry): entry is EffectEntry | BeginEntry => {
    return entry.kind === 'effect' || entry.kind === 'begin';
  });
  const addresses = new Map<Entry, string>();
  for (const [at, ofAttempt] of Map.groupBy(effects, (effect) => effect.at))
    for (const [effect, address] of addressesOf(at, ofAttempt)) addresses.set(effect, formatAddress(address));
  return addresses;
}

/** Whether a text is the address of an effect, of whatever run. */
export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}
