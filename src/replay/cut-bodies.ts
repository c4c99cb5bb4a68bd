// Recorded HTTP bodies, cut elsewhere than the network cut them: a node whose output depends on where is wrong about
// streams, and the next run will show it.
import type { EffectEntry } from '../journal/entry.ts';

/** `recorded`: as they came. `bytes`: at every byte, also in the middle of a character. A number: so many bytes a part. */
export type BodyCut = 'recorded' | 'bytes' | number;

/** The lengths of the parts in which the answer of an effect is played. */
export function partsOf({ outcome, observed }: EffectEntry, cut: BodyCut): readonly number[] | undefined {
  if (cut === 'recorded' || outcome.kind !== 'value') return observed.parts;
  const { body } = (outcome.value ?? {}) as { readonly body?: unknown };
  const length =
    typeof body === 'string' ? Buffer.byteLength(body) : body instanceof Uint8Array ? body.byteLength : undefined;
  if (length === undefined) return observed.parts;
  const size = cut === 'bytes' ? 1 : cut;
  const whole = Math.floor(length / size);
  const rest = length - whole * size;
  return [...new Array<number>(whole).fill(size), ...(rest === 0 ? [] : [rest])];
}
