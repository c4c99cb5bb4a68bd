// What was asked for where an answer is made to fail: existing code in a graph makes all of its requests in one node.
import { sameValue } from '../../base/equal.ts';
import { askedText, askedTexts } from '../../report/text/asked-text.ts';
import type { FaultyRecording } from './faulty-world.ts';

/** In words, with what tells it from another request of the same attempt that has the same words. */
export function askedOf({ effects }: FaultyRecording, event: string): { readonly asked?: string } {
  const effect = effects.get(event);
  if (effect === undefined) return {};
  const text = askedText(effect);
  const like = [...effects.values()].find(
    (other) => other.at === effect.at && askedText(other) === text && !sameValue(other.request, effect.request),
  );
  return { asked: like === undefined ? text : askedTexts(effect, like)[0] };
}
