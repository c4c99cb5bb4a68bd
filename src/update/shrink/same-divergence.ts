// Whether two replays diverge first in the same way.
import { sameValue } from '../../base/equal.ts';
import type { RootCause } from '../../diff/cause/root-cause.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { ReplayReport } from '../../replay/session/replay-report.ts';

export interface FirstRoot {
  readonly root: RootCause;
  readonly divergence: Divergence;
  /** How many divergences follow from no other. */
  readonly rootCount: number;
}

/** The first divergence that follows from no other, changes of the graph apart: they are what they are. */
export function firstRoot({ roots, divergences }: ReplayReport): FirstRoot | undefined {
  const root = roots.find(({ place }) => divergences[place]?.kind !== 'graph');
  const divergence = root === undefined ? undefined : divergences[root.place];
  return root === undefined || divergence === undefined ? undefined : { root, divergence, rootCount: roots.length };
}

/**
 * The first divergence of a report, if it is that of the other: the same two values at the same place of the same node, of
 * the same class, and nothing else that differs by itself.
 */
export function alikeIn(report: ReplayReport, first: FirstRoot): Divergence | undefined {
  const other = firstRoot(report);
  if (other === undefined || other.root.class !== first.root.class || other.rootCount > first.rootCount)
    return undefined;
  return isAlike(first.divergence, other.divergence) ? other.divergence : undefined;
}

function isAlike(one: Divergence, two: Divergence): boolean {
  return (
    one.kind === two.kind &&
    one.node === two.node &&
    one.task === two.task &&
    withoutPlaces(one.path) === withoutPlaces(two.path) &&
    sameValue(one.recorded, two.recorded) &&
    sameValue(one.replayed, two.replayed)
  );
}

/** An item may have another place where others were left out. */
function withoutPlaces(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}
