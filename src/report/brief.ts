// A report as JSON that fits into a small answer: of a long one the causes and the beginnings of their values, and how to
// get the rest. For a program that looks for a cause and reads every character of it.
import type { Json } from '../base/encode.ts';
import { bounded } from './page/piece.ts';
import { jsonOf } from './text/value-text.ts';

interface Reported {
  readonly divergences: readonly unknown[];
  readonly roots: readonly unknown[];
}

type Found = { readonly [key: string]: Json };

interface Root {
  readonly place: number;
  readonly behind: readonly number[];
  readonly leadsTo: readonly number[];
}

/**
 * How long a brief report may be by default, in characters of JSON: small enough for an answer that a language model
 * reads in full.
 */
export const briefLengthMax = 7_000;
const rootsMax = 10;

/** The report itself if it is short. `more`: the command that prints all of it. */
export function briefReport(report: Reported, more: string, lengthMax = briefLengthMax): Json {
  const whole = JSON.parse(jsonOf(report)) as Found;
  if (JSON.stringify(whole).length <= lengthMax) return whole;
  const divergences = whole.divergences as readonly Json[] as readonly Found[];
  const roots = whole.roots as unknown as readonly Root[];
  const shown = roots.slice(0, rootsMax);
  for (let count = shown.length; ; count -= 1)
    for (const valueMax of [1_000, 300, 100, 30]) {
      const brief = briefOf(whole, divergences, shown.slice(0, Math.max(1, count)), { valueMax, more });
      if (JSON.stringify(brief).length <= lengthMax || (count <= 1 && valueMax === 30)) return brief;
    }
}

function briefOf(
  { divergences: _divergences, roots: _roots, ...rest }: Found,
  divergences: readonly Found[],
  roots: readonly Root[],
  { valueMax, more }: { readonly valueMax: number; readonly more: string },
): Json {
  // Each root, and the changes of the graph that decide it: the places of the list are those of what is shown.
  const places = [...new Set(roots.flatMap(({ behind, place }) => [...behind.slice(0, 3), place]))];
  const placeOf = (old: number): number => places.indexOf(old);
  return {
    ...(bounded(rest, 1_500).value as Found),
    divergences: places.map((place) => briefDivergence(divergences[place] as Found, valueMax)),
    roots: roots.map((root) => ({
      ...root,
      place: placeOf(root.place),
      behind: root.behind.slice(0, 3).map(placeOf),
      leadsTo: [],
      leadsToCount: root.leadsTo.length,
    })),
    notShown: { divergences: divergences.length - places.length, next: more },
  };
}

function briefDivergence({ recorded, replayed, stack, follows: _follows, ...rest }: Found, valueMax: number): Json {
  const [left, right, from] = excerpts(recorded as Json, replayed as Json, valueMax);
  return {
    ...(bounded(rest, 600).value as Found),
    ...(left === undefined ? {} : { recorded: left }),
    ...(right === undefined ? {} : { replayed: right }),
    ...(from === undefined ? {} : { from }),
    ...(stack === undefined ? {} : { stack: String(stack).slice(0, 300) }),
  };
}

/** Both values, cut. Of two texts what surrounds the first difference; `from`: where that begins. */
function excerpts(
  recorded: Json | undefined,
  replayed: Json | undefined,
  valueMax: number,
): readonly [Json | undefined, Json | undefined, number?] {
  if (typeof recorded !== 'string' || typeof replayed !== 'string' || recorded.length + replayed.length < valueMax) {
    const cut = (value: Json | undefined): Json | undefined =>
      value === undefined ? undefined : bounded(value, valueMax).value;
    return [cut(recorded), cut(replayed)];
  }
  let differs = 0;
  while (differs < recorded.length && recorded[differs] === replayed[differs]) differs += 1;
  const from = Math.max(0, differs - Math.floor(valueMax / 6));
  const part = (text: string): string => {
    const end = from + Math.floor(valueMax / 2);
    return `${from === 0 ? '' : '…'}${text.slice(from, end).toWellFormed()}${end < text.length ? '…' : ''}`;
  };
  return [part(recorded), part(replayed), from];
}
