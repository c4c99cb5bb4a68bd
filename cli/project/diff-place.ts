// `diff --at`: one place of both runs, and what differs there.
import { RepriseError } from '../../src/index.ts';
import type { Comparison, Divergence } from '../../src/diff/index.ts';
import { atPath, bounded, divergenceSentence, pieceAt } from '../../src/report/index.ts';
import type { PageRun } from '../../src/report/index.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';

export interface DiffPlace {
  readonly version: 1;
  readonly at: string;
  readonly divergences: readonly { readonly sentence: string; readonly path: string; readonly class?: string }[];
  /** Nothing differs there, times aside. A difference that began before is not among those of this place. */
  readonly isSame: boolean;
  /** That part of each run; absent if it has none. */
  readonly recorded?: unknown;
  readonly replayed?: unknown;
  /** Where values were cut. */
  readonly cut: { readonly recorded: readonly unknown[]; readonly replayed: readonly unknown[] };
  /** Commands that show all of what differs. */
  readonly next: readonly string[];
}

/** How the runs were named on the command line. */
interface Names {
  readonly names: readonly [string, string];
  readonly store: string | undefined;
}

const pieceLengthMax = 2_000;
const divergencesMax = 8;

/** @throws RepriseError `usage` */
export function diffPlace(
  at: string,
  comparison: Comparison,
  [recorded, replayed]: readonly [PageRun, PageRun],
  named: Names,
): DiffPlace {
  const { names } = named;
  const found = [...comparison.divergences.entries()].filter(([, divergence]) => isAt(divergence, at));
  const pieces = [pieceAt(recorded, at), pieceAt(replayed, at)].map((piece) =>
    piece === undefined ? undefined : bounded(piece, pieceLengthMax),
  );
  if (found.length === 0 && pieces.every((piece) => piece === undefined)) {
    throw new RepriseError('usage', `neither run has ${at}`, {
      nextStep: `See where they differ: npx reprise diff ${names.map(shellWord).join(' ')}`,
    });
  }
  const [left, right] = pieces;
  const classOf = (place: number): { readonly class?: string } => {
    const root = comparison.roots.find((candidate) => candidate.place === place);
    return root === undefined ? {} : { class: root.class };
  };
  const shown = found.slice(0, divergencesMax);
  const [before, now] = [pieceAt(recorded, at), pieceAt(replayed, at)].map((piece) =>
    JSON.stringify(piece, withoutTimes),
  );
  return {
    version: 1,
    at,
    divergences: shown.map(([place, divergence]) => ({
      sentence: divergenceSentence(divergence).slice(0, 300),
      path: divergence.path.slice(0, 300),
      ...classOf(place),
    })),
    isSame: found.length === 0 && before === now,
    ...(left === undefined ? {} : { recorded: left.value }),
    ...(right === undefined ? {} : { replayed: right.value }),
    cut: { recorded: (left?.cut ?? []).slice(0, 5), replayed: (right?.cut ?? []).slice(0, 5) },
    next: [
      ...new Set(shown.slice(0, 3).flatMap(([, divergence]) => showCommands(divergence, [recorded, replayed], named))),
    ],
  };
}

function withoutTimes(key: string, value: unknown): unknown {
  return key === 'began' || key === 'ended' ? undefined : value;
}

function isAt({ at, address }: Divergence, place: string): boolean {
  return address === place || at === place || ['#', '.', '/', '!'].some((mark) => at.startsWith(`${place}${mark}`));
}

/** Before the first difference of two long texts: where the part of them begins that is printed. */
const contextLength = 200;
const longTextMin = 1_000;

function fromOf({ recorded, replayed }: Divergence): string {
  if (typeof recorded !== 'string' || typeof replayed !== 'string' || recorded.length < longTextMin) return '';
  let differs = 0;
  while (differs < recorded.length && recorded[differs] === replayed[differs]) differs += 1;
  return ` --from ${Math.max(0, differs - contextLength)}`;
}

/** How a part of a run is named in `show`, where a comparison has another word for it. */
function shownPath(path: string): string {
  return path.replace(/^answer(?=$|[.[])/, 'response').replace(/^route(?=$|[.[])/, 'routes');
}

/** What prints both values: whole, or what surrounds the difference of two long texts. */
function showCommands(
  divergence: Divergence,
  runs: readonly [PageRun, PageRun],
  { names, store }: Names,
): readonly string[] {
  const { at, address = at, path } = divergence;
  return runs.flatMap((run, side) => {
    const piece = pieceAt(run, address);
    if (piece === undefined) return [];
    const isThere = atPath(piece, shownPath(path)) !== undefined;
    const words = [names[side] as string, address, ...(isThere ? [shownPath(path)] : [])].map(shellWord).join(' ');
    return [`npx reprise show ${words}${isThere ? fromOf(divergence) : ''} --json${shellOption('--store', store)}`];
  });
}
