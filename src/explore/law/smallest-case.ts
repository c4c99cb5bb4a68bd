// The last steps to a smallest case: what several parts of it have to change for together, fast-check does not find.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import type { LawCase } from './reducer-law.ts';
import { shrunkValues } from './value/shrunk-value.ts';
import { matches } from './value/value-shape.ts';
import type { ValueShape } from './value/value-shape.ts';

interface CaseLimits {
  readonly initial: Value;
  /** How many deltas its step must have. */
  readonly least: number;
  readonly shapes: readonly ValueShape[];
}

const triesMax = 2_000;

/** Takes each smaller case that still breaks the law, until there is no such case. */
export function smallestCase(broken: LawCase, limits: CaseLimits, isKept: (given: LawCase) => boolean): LawCase {
  let smallest = broken;
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerCases(smallest, limits)) {
      tries += 1;
      if (tries > triesMax) return smallest;
      if (isKept(candidate)) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function* smallerCases(given: LawCase, { initial, least, shapes }: CaseLimits): IterableIterator<LawCase> {
  const { state, before, deltas } = given;
  if (!sameValue(state, initial)) yield { ...given, state: initial };
  if (before.length > 0) yield { ...given, before: [] };
  // A step that came before may be the one that matters.
  if (before.length > 0 && least <= 1 && deltas.length >= 1)
    yield { ...given, before: before.slice(0, -1), deltas: [before.at(-1)] };
  for (const place of before.keys()) yield { ...given, before: before.toSpliced(place, 1) };
  if (deltas.length > least) for (const place of deltas.keys()) yield { ...given, deltas: deltas.toSpliced(place, 1) };
  for (const smaller of shrunkDeltas(before, shapes)) yield { ...given, before: smaller };
  for (const smaller of shrunkDeltas(deltas, shapes)) yield { ...given, deltas: smaller };
}

function* shrunkDeltas(deltas: readonly Value[], shapes: readonly ValueShape[]): IterableIterator<readonly Value[]> {
  for (const [place, delta] of deltas.entries()) {
    const shape = shapes.find((one) => matches(one, delta));
    if (shape !== undefined) for (const smaller of shrunkValues(shape, delta)) yield deltas.with(place, smaller);
  }
}
