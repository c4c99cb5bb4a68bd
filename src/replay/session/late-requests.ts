// What clients with queues of their own asked for after the attempt had ended in whose context they did: requests of other tasks,
// mostly. They are never compared. Where one was refused and the run differs, the refusal is what made it differ.
import { compareEffects } from '../../diff/compare/compare-effects.ts';
import { noView } from '../../diff/compare/compare-attempt.ts';
import type { Likened } from '../../diff/compare/comparing.ts';
import { shifted } from '../../diff/compare-runs.ts';
import type { Divergence, DivergenceKind } from '../../diff/divergence.ts';
import type { PoolFinder } from '../../journal/step/exchange-finder.ts';
import type { PlacedRequest } from '../world/observations.ts';

export function lateDivergences(
  requests: readonly PlacedRequest[],
  pool: PoolFinder,
  likened: Likened | undefined,
): readonly Divergence[] {
  return [...Map.groupBy(requests, ({ at }) => at)].flatMap(([at, ofAttempt]) => {
    const recorded = { ...noView, effects: pool.unusedOf(at) };
    const replayed = { ...noView, effects: ofAttempt.map(({ ref }) => ref) };
    const node = ofAttempt[0]?.node ?? '';
    return compareEffects(at, recorded, replayed, likened)
      .filter(({ found }) => found.kind !== 'unused effect')
      .map(({ found: { detail = '', ...found } }) => ({
        ...found,
        at,
        step: Number.parseInt(at, 10),
        node,
        detail: `${detail}, after it had ended`,
      }));
  });
}

/** What a task asks for by itself is a difference of its own. */
const ownKinds: ReadonlySet<DivergenceKind> = new Set(['graph', 'request', 'missing effect', 'unused effect']);

/** Whose request it was is not known, so that what came out differently follows from the first. */
export function afterLate(late: readonly Divergence[], compared: readonly Divergence[]): readonly Divergence[] {
  if (late.length === 0 || compared.length === 0) return compared;
  const follower = (found: Divergence): Divergence =>
    found.follows === undefined && !ownKinds.has(found.kind) ? { ...found, follows: 0 } : shifted(found, late.length);
  return [...late, ...compared.map(follower)];
}
