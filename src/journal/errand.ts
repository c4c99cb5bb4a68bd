// An errand: an attempt that another process makes, as a run of its own in the store of its run.
//   E1. Its id follows from the run, the attempt and how often that was handed out: a process that hands it out again finds it.
//   E2. Its journal holds what the attempt did, under the keys of the run, between its own `run` and `end`.
//   E3. What it numbered is numbered from 0. In the run it is one block, which begins at the place at which it is added.
import type { EffectOrder, Entry, RunEntry } from './entry.ts';
import type { AttemptKey } from './key.ts';

/** No id or name of a user holds a control character. */
const mark = '\u0001';
/** The names of graphs from this one on are those of users. */
export const firstUserName = '\u0002';

/** Which attempt an errand makes. */
export interface ErrandPlace {
  readonly runId: string;
  readonly at: AttemptKey;
  /**
   * How often the attempt was handed out before, and stopped. From 1 on the journal of the run holds something of its task
   * already, which its worker has to know.
   */
  readonly again: number;
}

export function errandId({ runId, at, again }: ErrandPlace): string {
  return `${errandsOf(runId)}${at}${mark}${again}`;
}

/** What the ids of all errands of a run begin with. */
export function errandsOf(runId: string): string {
  return `${runId}${mark}`;
}

/** The first text that no longer does. */
export function afterErrandsOf(runId: string): string {
  return `${runId}${firstUserName}`;
}

export function isErrandId(id: string): boolean {
  return id.includes(mark);
}

export function errandPlace(id: string): ErrandPlace {
  const [runId = '', at = '', again = ''] = id.split(mark);
  return { runId, at: at as AttemptKey, again: Number(again) };
}

/** What a worker can do: a node of a graph, as it is at present. */
export interface ErrandKind {
  readonly graph: string;
  readonly node: string;
  readonly fingerprint: string;
}

/** The kind of an errand, as the name of its graph. */
export function errandName({ graph, node, fingerprint }: ErrandKind): string {
  return `${mark}${JSON.stringify([graph, node, fingerprint])}`;
}

export function isErrandName(name: string): boolean {
  return name.startsWith(mark);
}

export function errandKind(name: string): ErrandKind {
  const [graph = '', node = '', fingerprint = ''] = JSON.parse(name.slice(mark.length)) as readonly string[];
  return { graph, node, fingerprint };
}

/** The first entry of an errand. */
export function errandRun(place: ErrandPlace, kind: ErrandKind, semantics: number, time: number): RunEntry {
  return {
    kind: 'run',
    at: '',
    graph: { name: errandName(kind), state: { kind: 'fields', fields: {} }, nodes: [], edges: [], start: kind.node },
    fingerprint: kind.fingerprint,
    semantics,
    seed: '',
    observed: { runId: errandId(place), time },
  };
}

/** What the attempt did, without what makes a run of it. */
export function entriesOfErrand(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ kind }) => kind !== 'run' && kind !== 'end');
}

/** The last place that these entries were given. */
export function lastPlaceOf(entries: readonly Entry[]): number {
  let last = 0;
  const see = (place: number): number => {
    last = Math.max(last, place);
    return place;
  };
  for (const entry of entries) withPlaces(entry, see);
  return last;
}

/** An entry with its places counted from `first`. */
export function placedFrom(entry: Entry, first: number): Entry {
  return withPlaces(entry, (place) => first + place);
}

function withPlaces(entry: Entry, of: (place: number) => number): Entry {
  switch (entry.kind) {
    case 'effect':
    case 'pooled':
      return entry.observed.order === undefined
        ? entry
        : { ...entry, observed: { ...entry.observed, order: orderOf(entry.observed.order, of) } };
    case 'begin':
      return entry.observed.order === undefined
        ? entry
        : { ...entry, observed: { ...entry.observed, order: orderOf(entry.observed.order, of) } };
    case 'ambient':
      return entry.observed.firings === undefined
        ? entry
        : {
            ...entry,
            observed: {
              ...entry.observed,
              firings: entry.observed.firings.map((firing) => ({ ...firing, order: of(firing.order) })),
            },
          };
    case 'outcome': {
      const { order } = entry.observed;
      if (order === undefined) return entry;
      return {
        ...entry,
        observed: { ...entry.observed, order: { started: of(order.started), ended: of(order.ended) } },
      };
    }
    default:
      return entry;
  }
}

function orderOf(order: EffectOrder, of: (place: number) => number): EffectOrder {
  const { parts } = order;
  return {
    ...order,
    asked: of(order.asked),
    given: of(order.given),
    ...(parts === undefined ? {} : { parts: parts.map(([first, count]) => [of(first), ofLast(first, count, of)]) }),
  };
}

/** How many places a range takes up: the last of them is one that was given as well. */
function ofLast(first: number, count: number, of: (place: number) => number): number {
  of(first + count - 1);
  return count;
}
