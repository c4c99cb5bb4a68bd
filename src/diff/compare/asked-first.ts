// What differs between the effects of two recorded attempts, told from the first that was asked for: what a node asks for later
// may follow from it, and the order of hashes says nothing to anybody.
import { asAsked } from '../../journal/step/asked-order.ts';
import type { EffectEntry, EffectRef } from '../../journal/entry.ts';
import type { AttemptView } from './compare-attempt.ts';
import type { EffectDifference } from './compare-effects.ts';

/** In canonical order where not both runs say in which order they asked. */
export function askedFirst(
  differences: readonly EffectDifference[],
  recorded: AttemptView,
  replayed: AttemptView,
): readonly EffectDifference[] {
  if (differences.length < 2) return differences;
  const [left, right] = [placesOf(recorded), placesOf(replayed)];
  if (left === undefined || right === undefined) return differences;
  const placeOf = ({ effect }: EffectDifference): number => left.get(effect) ?? right.get(effect) ?? 0;
  return [...differences].sort((one, other) => placeOf(one) - placeOf(other));
}

/** Which one it was among all that the attempt asked for. */
function placesOf({ effects }: AttemptView): ReadonlyMap<EffectRef, number> | undefined {
  if (!effects.every((effect): effect is EffectEntry => 'observed' in effect)) return undefined;
  const asked = asAsked(effects);
  return asked === undefined ? undefined : new Map(asked.map((effect, place) => [effect, place]));
}
