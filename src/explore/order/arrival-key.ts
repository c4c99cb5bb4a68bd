// The key of an arrival: the same under every schedule, and in every process.
//   an attempt          2.0#1:start   2.0#1:retry   2.0#1:timeout   2.0#1:chunk:3   2.0#1:timer:250:0:0
//   an answer           2.0#1:call:model~d549d30             the address of its effect
//   what belongs to it  2.0#1:http:http~d549d30/part:2   2.0#1:call:model~d549d30/request
import { fullAddressText } from '../../journal/address.ts';
import type { EffectRef } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { Arrival } from '../../port/oracle.ts';

export type KeyedArrival = Pick<Arrival, 'kind' | 'at' | 'effect' | 'place'>;

/** Addresses by effect: those of a recording stay the same objects from run to run. */
const addresses = new WeakMap<EffectRef, string>();

export function arrivalKey({ kind, at, effect, place }: KeyedArrival): string {
  if (effect === undefined) return place === undefined ? `${at}:${kind}` : `${at}:${kind}:${place}`;
  const address = addressOf(at, effect);
  if (kind === 'effect' || kind === 'message' || kind === 'sleep') return address;
  return place === undefined ? `${address}/${kind}` : `${address}/${kind}:${place}`;
}

function addressOf(at: string, effect: EffectRef): string {
  let address = addresses.get(effect);
  if (address === undefined) {
    address = fullAddressText(at as AttemptKey, effect);
    addresses.set(effect, address);
  }
  return address;
}
