// Which recorded effect was meant by one that was not recorded like this: what people are shown beside it, and what a lenient
// replay continues with.
import { likeness } from '../../base/likeness.ts';
import type { EffectEntry, EffectRef } from '../entry.ts';

/** As many are looked at, so that a long attempt does not make its report slow. */
const comparedMax = 100;

/** The one with the most similar request; of equals, the one that was asked for first. */
export function nearestRequest<Effect extends EffectRef>(
  candidates: readonly Effect[],
  asked: EffectRef,
): Effect | undefined {
  const inOrder = inAskedOrder(candidates).slice(0, comparedMax);
  if (inOrder.length < 2) return inOrder[0];
  let nearest: Effect | undefined;
  let most = -1;
  for (const candidate of inOrder) {
    const like = likeness(candidate.request, asked.request) + (candidate.label === asked.label ? 1 : 0);
    if (like > most) [most, nearest] = [like, candidate];
  }
  return nearest;
}

/** What was asked for in vain has no number, and comes in the order it is given in. */
export function inAskedOrder<Effect extends EffectRef>(effects: readonly Effect[]): readonly Effect[] {
  if (effects.length < 2) return effects;
  return [...effects].sort((left, right) => {
    const [one, other] = [placeOf(left), placeOf(right)];
    return one === undefined || other === undefined ? 0 : one - other;
  });
}

function placeOf(effect: EffectRef): number | undefined {
  const { observed } = effect as Partial<EffectEntry>;
  return observed?.order?.asked ?? observed?.began;
}
