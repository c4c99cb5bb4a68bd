// What was asked for where an answer is made to fail: existing code in a graph makes all of its requests in one node.
import { sameValue } from '../../base/equal.ts';
import { requestText, requestTexts } from '../../report/text/request-text.ts';
import type { FaultyRecording } from './faulty-world.ts';

/** In words, with what tells it from another request of the same attempt that has the same words. */
export function askedOf({ effects }: FaultyRecording, event: string): { readonly asked?: string } {
  const effect = effects.get(event);
  if (effect === undefined) return {};
  const text = requestText(effect);
  const like = [...effects.values()].find(
    (other) => other.at === effect.at && requestText(other) === text && !sameValue(other.request, effect.request),
  );
  return { asked: like === undefined ? text : requestTexts(effect, like)[0] };
}
