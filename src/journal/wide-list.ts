// The list of an entry that grows with the width of a step: what an attempt sends, or the tasks that a commit plans. What is
// done with each of its items is done in pieces.
import type { Value } from '../base/value.ts';
import type { Entry } from './entry.ts';

export interface WideList {
  /** Where it stands in the entry, and in what is made of it. */
  readonly path: readonly string[];
  readonly items: readonly Value[];
}

/** So many are not looked at one by one. */
const itemsAtOnce = 256;

export function wideListOf(entry: Entry): WideList | undefined {
  if (entry.kind === 'commit') return wide(['frontier'], entry.frontier as unknown as readonly Value[]);
  if (entry.kind !== 'outcome' || entry.result.status !== 'done') return undefined;
  return wide(['result', 'routes'], (entry.result.routes ?? []) as unknown as readonly Value[]);
}

function wide(path: readonly string[], items: readonly Value[]): WideList | undefined {
  return items.length > itemsAtOnce ? { path, items } : undefined;
}

/** The same with another list, which takes the place of the one that is there. */
export function withList<Whole extends object>(whole: Whole, [key, ...inner]: readonly string[], list: unknown): Whole {
  if (key === undefined) return list as Whole;
  return { ...whole, [key]: withList((whole as Record<string, object>)[key] as object, inner, list) };
}
