// When an answer that the journal holds is due.
import type { AnsweredBefore } from '../../../port/world.ts';
import type { RunParts } from '../../run/run-parts.ts';
import type { Readiness } from './kind-of-effect.ts';

/**
 * Calls `arrive` once its place in the recorded order has come; where the order is controlled and nothing is followed, as
 * soon as it is ready. What came after its attempt had ended comes before that only to code that has nothing else to wait
 * for. The returned function withdraws that.
 */
export function whenDue(
  { order: { followed, quiet }, oracle }: Pick<RunParts, 'order' | 'oracle'>,
  { order: recorded, outlived }: Pick<AnsweredBefore, 'order' | 'outlived'>,
  readiness: Readiness | undefined,
  arrive: () => void,
): (() => void) | undefined {
  if (outlived?.hasHead === false) return quiet.when({ rank: 'unmet', due: Number.POSITIVE_INFINITY, go: arrive });
  const turn = recorded?.sameTurn === true ? 'same' : 'later';
  if (oracle.isControlled !== true || !followed.isOver)
    return followed.follow(recorded?.given, turn, arrive, readiness?.isReady);
  if (readiness !== undefined) return readiness.when(arrive);
  arrive();
  return undefined;
}
