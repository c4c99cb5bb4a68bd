// Splits recorded HTTP bodies at other places than the network did. A node whose output depends on the places handles
// streams wrongly, and would fail on another run.
import type { EffectEntry, PooledEntry } from '../../journal/entry.ts';

/** `recorded`: as they arrived. `bytes`: at every byte, even inside a character. A number: parts of that many bytes. */
export type BodyCut = 'recorded' | 'bytes' | number;

/** The lengths of the parts in which the answer of an effect is played back. */
export function partsOf({ outcome, observed }: EffectEntry | PooledEntry, cut: BodyCut): readonly number[] | undefined {
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
