// When an answer that the journal holds is due.
import type { EffectOrder } from '../../../journal/entry.ts';
import type { RunParts } from '../../run/run-parts.ts';
import type { Readiness } from './kind-of-effect.ts';

/**
 * Calls `arrive` once its place in the recorded order has come; where the order is controlled and nothing is followed, as
 * soon as it is ready. The returned function withdraws that.
 */
export function whenDue(
  { order: { followed }, oracle }: Pick<RunParts, 'order' | 'oracle'>,
  recorded: EffectOrder | undefined,
  readiness: Readiness | undefined,
  arrive: () => void,
): (() => void) | undefined {
  const turn = recorded?.sameTurn === true ? 'same' : 'later';
  if (oracle.isControlled !== true || !followed.isOver)
    return followed.follow(recorded?.given, turn, arrive, readiness?.isReady);
  if (readiness !== undefined) return readiness.when(arrive);
  arrive();
  return undefined;
}
