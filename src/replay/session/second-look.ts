// A divergence is looked at twice before it is told: what comes and goes says nothing of the code, and something of what it
// reads.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { asUncontrolled } from '../../diff/cause/root-cause.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { Looks } from '../../report/divergence/looks.ts';
import type { ReplayReport } from './replay-report.ts';

export interface Again {
  /** How often the fixture is replayed in any case. */
  readonly repeat: number;
  readonly modules: Looks['modules'];
  readonly replay: () => Promise<ReplayReport>;
}

export async function lookedAtAgain(first: ReplayReport, { repeat, modules, replay }: Again): Promise<ReplayReport> {
  const count = Math.max(repeat, isWorthASecondLook(first) ? 2 : 1);
  for (let look = 2; look <= count; look += 1) {
    const other = await replay();
    const differs = difference(first, other);
    if (differs === undefined) continue;
    const read = uncontrolledRead(first) ?? uncontrolledRead(other);
    const looks: Looks = { count: look, modules, differs, ...(read === undefined ? {} : { read }) };
    const shown = first.verdict === 'same' ? other : first;
    const roots = asUncontrolled(shown.roots, shown.divergences, differs.at);
    return { ...shown, verdict: 'not deterministic', roots, looks };
  }
  return count === 1 ? first : { ...first, looks: { count, modules } };
}

/** One that never came to its end would not do so the second time either, and takes long. */
function isWorthASecondLook({ verdict, divergences }: ReplayReport): boolean {
  return verdict === 'diverged' && !divergences.some(({ replayed }) => String(replayed).includes('replay-stalled'));
}

function difference(first: ReplayReport, second: ReplayReport): Looks['differs'] {
  const length = Math.max(first.divergences.length, second.divergences.length);
  for (let place = 0; place < length; place += 1) {
    const left = first.divergences[place];
    const right = second.divergences[place];
    if (left !== undefined && right !== undefined && isAlike(left, right)) continue;
    const { at, node, path } = (left ?? right) as Divergence;
    const isSamePlace = left?.at === right?.at && left?.path === right?.path;
    const sideOf = (side: Divergence | undefined): Value =>
      side === undefined ? 'as recorded' : isSamePlace ? side.replayed : `${side.kind} at ${side.at} ${side.path}`;
    return { at, ...(node === undefined ? {} : { node }), path, values: [sideOf(left), sideOf(right)] };
  }
  return undefined;
}

/** Where an error was thrown may be told by other numbers of lines in a copy of a module. */
function isAlike(left: Divergence, right: Divergence): boolean {
  const { kind, at, path, recorded, replayed } = left;
  const isInWords = path === 'end' || path === 'result';
  return (
    kind === right.kind &&
    at === right.at &&
    path === right.path &&
    sameValue(recorded, right.recorded) &&
    (isInWords ? wordsOf(replayed) === wordsOf(right.replayed) : sameValue(replayed, right.replayed))
  );
}

function wordsOf(value: Value): string {
  return String(value).replace(/, at .*$/, '');
}

function uncontrolledRead({ uncontrolled, refused, unrecordedRead }: ReplayReport): string | undefined {
  return uncontrolled[0] ?? refused[0]?.what ?? unrecordedRead;
}
