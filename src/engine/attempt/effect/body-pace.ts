import type { EffectOrder } from '../../../journal/entry.ts';
import type { BodyPace } from '../../../port/attempt.ts';
import type { FollowedOrder } from '../../run/followed-order.ts';

/** The places of the parts of a recorded body, one after another; undefined if nothing came in between. */
export function bodyPace(followed: FollowedOrder, order: EffectOrder | undefined): BodyPace | undefined {
  const { parts } = order ?? {};
  if (parts === undefined) return undefined;
  const places = placesOf(parts);
  return {
    next() {
      const { value } = places.next();
      if (value === undefined) return undefined;
      return new Promise((resolve) => void followed.follow(value.place, value.isFirst ? 'later' : 'same', resolve));
    },
    leave() {
      for (const { place } of places) followed.happened(place);
    },
  };
}

/** `isFirst`: the first of a run. Those that follow it may have come in the same turn. */
function* placesOf(
  parts: NonNullable<EffectOrder['parts']>,
): Generator<{ readonly place: number; readonly isFirst: boolean }, undefined> {
  for (const [first, count] of parts)
    for (let index = 0; index < count; index += 1) yield { place: first + index, isFirst: index === 0 };
}
