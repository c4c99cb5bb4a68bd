// A divergence in words: what, where and why first; then the two values.
import type { Divergence, DivergenceKind } from '../diff/divergence.ts';
import { differenceText } from './difference-text.ts';
import { oneLine } from './plain-text.ts';

const sentences: Readonly<Record<DivergenceKind, (where: string, what: string) => string>> = {
  graph: (_where, what) => `the graph changed at ${what}`,
  request: (where, what) => `${where} asks for something else than was recorded, at ${what}`,
  'missing effect': (where) => `${where} asks for what was not recorded`,
  'unused effect': (where) => `${where} no longer asks for what was recorded`,
  answer: (where, what) => `${where} was answered otherwise, at ${what}`,
  output: (where, what) => `the output of ${where} differs at ${what}`,
  route: (where, what) => `${where} goes elsewhere: ${what}`,
  event: (where, what) => `${where} reports something else, at ${what}`,
  error: (where, what) => `${where} ends otherwise than it did, at ${what}`,
  conflict: (where) => `${where} ends with a conflict in one of the runs only`,
  state: (where, what) => `the state after ${where} differs at ${what}`,
  frontier: (where, what) => `what runs after ${where} differs: ${what}`,
};

/** One sentence that says what differs and where. */
export function divergenceSentence(divergence: Divergence): string {
  const { kind, path, detail } = divergence;
  const more = detail === undefined || kind === 'missing effect' ? '' : ` (${oneLine(detail)})`;
  return `${sentences[kind](placeText(divergence), oneLine(path))}${more}`;
}

function placeText({ at, step, node }: Divergence): string {
  if (at === '') return 'the run';
  if (node === undefined) return `step ${at}`;
  return `"${oneLine(node)}" in step ${step} (${at})`;
}

/** A divergence in full: a headline and the lines below it. */
export function divergenceLines(divergence: Divergence, number: number): readonly string[] {
  const { kind, recorded, replayed, detail } = divergence;
  const head = `${number}. ${kind}: ${divergenceSentence(divergence)}`;
  const values = differenceText(recorded, replayed).map((line) => `   ${line}`);
  const stack =
    kind === 'missing effect' && detail !== undefined ? detail.split('\n').map((line) => `   ${oneLine(line)}`) : [];
  return [head, ...values, ...stack.slice(0, 8)];
}

const consequenceNames = (follows: readonly Divergence[]): string => {
  const counts = new Map<DivergenceKind, number>();
  for (const { kind } of follows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
};

/** All of them: causes in full, what follows from each folded into a line. */
export function divergenceList(divergences: readonly Divergence[], shownMax: number): readonly string[] {
  const causes = divergences
    .map((divergence, place) => ({ divergence, place }))
    .filter(({ divergence }) => divergence.follows === undefined);
  const lines = causes.slice(0, shownMax).flatMap(({ divergence, place }, index) => {
    const follows = divergences.filter((other) => rootOf(divergences, other) === place && other !== divergence);
    return [
      ...divergenceLines(divergence, index + 1),
      ...(follows.length === 0 ? [] : [`   and from it: ${consequenceNames(follows)}`]),
      '',
    ];
  });
  const left = causes.length - shownMax;
  return left > 0 ? [...lines, `… and ${left} more`, ''] : lines;
}

function rootOf(divergences: readonly Divergence[], divergence: Divergence): number {
  let current = divergence;
  let place = divergences.indexOf(divergence);
  while (current.follows !== undefined && current.follows < place) {
    place = current.follows;
    current = divergences[place] as Divergence;
  }
  return place;
}
