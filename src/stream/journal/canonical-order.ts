// Puts the entries of a run that is still growing into the one order that does not depend on when things happened, each as
// early as that order can be known.
//   Q1. An entry is released when every task of a lower rank is done, in its own step and in the steps around it; at the
//       latest when its step of the run itself commits.
//   Q2. An entry that has to wait is remembered by its place in the journal and read back from there: none is held.
import type { Entry } from '../../journal/entry.ts';
import { keyNumbers } from '../../journal/key.ts';

export interface PlacedEntry {
  readonly entry: Entry;
  readonly place: number;
}

/** The entries of one key that wait. */
interface Waiting {
  readonly at: string;
  readonly numbers: readonly number[];
  readonly places: number[];
}

export class CanonicalOrder {
  /** In canonical order. */
  #waiting: Waiting[] = [];
  #byKey = new Map<string, Waiting>();
  /** Of each open step: the ranks that are done, and the lowest that is not. */
  #done = new Map<string, { readonly ranks: Set<number>; next: number }>();

  /** Takes an entry; gives the places of all that may be read now, in order: its own among them unless it has to wait. */
  add({ entry, place }: PlacedEntry): readonly number[] {
    switch (entry.kind) {
      case 'run':
      case 'edit':
        return [place];
      case 'end':
        return [...this.#releaseAll(), place];
      case 'commit':
        // The commit of an inner run waits as its attempt does.
        if (entry.at.includes('/')) break;
        this.#done.clear();
        return [...this.#releaseAll(), place];
      case 'outcome':
        if (entry.result.status === 'done') this.markDone(entry.at);
        break;
      case 'chunk':
      case 'event':
        break;
      case 'begin':
        if (entry.type !== 'ask') return [];
        break;
      default:
        return [];
    }
    this.#wait(entry.at, place);
    return this.#releaseReady();
  }

  /** The task of an attempt is done, and everything that it gave is released or waits here. */
  markDone(at: string): void {
    const dot = at.lastIndexOf('.');
    const step = at.slice(0, dot);
    let done = this.#done.get(step);
    if (done === undefined) {
      done = { ranks: new Set(), next: 0 };
      this.#done.set(step, done);
    }
    done.ranks.add(Number.parseInt(at.slice(dot + 1), 10));
    while (done.ranks.delete(done.next)) done.next += 1;
  }

  #wait(at: string, place: number): void {
    const known = this.#byKey.get(at);
    if (known !== undefined) {
      known.places.push(place);
      return;
    }
    const waiting = { at, numbers: keyNumbers(at), places: [place] };
    this.#byKey.set(at, waiting);
    this.#waiting.splice(this.#indexOf(waiting.numbers), 0, waiting);
  }

  /** Where a key stands among those that wait. */
  #indexOf(numbers: readonly number[]): number {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareOuterLast((this.#waiting[middle] as Waiting).numbers, numbers) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #releaseReady(): readonly number[] {
    let count = 0;
    for (const { at } of this.#waiting) {
      if (!this.#isReady(at)) break;
      this.#byKey.delete(at);
      count += 1;
    }
    return count === 0 ? [] : this.#waiting.splice(0, count).flatMap(({ places }) => places);
  }

  #releaseAll(): readonly number[] {
    const places = this.#waiting.flatMap((waiting) => waiting.places);
    this.#waiting = [];
    this.#byKey.clear();
    return places;
  }

  #isReady(at: string): boolean {
    for (let dot = at.indexOf('.'); dot > 0; dot = at.indexOf('.', dot + 1)) {
      const rank = Number.parseInt(at.slice(dot + 1), 10);
      if (rank > (this.#done.get(at.slice(0, dot))?.next ?? 0)) return false;
    }
    return true;
  }
}

/** The canonical order of attempts, except that what runs inside an attempt comes before the attempt's own entries. */
export function compareOuterLast(left: readonly number[], right: readonly number[]): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return right.length - left.length;
}

/** Places in rows of neighbours, each of which is one read; the place of the entry at hand stands alone. */
export function inRows(
  places: readonly number[],
  own: number,
): readonly { readonly first: number; readonly count: number }[] {
  const rows: { readonly first: number; count: number }[] = [];
  for (const place of places) {
    const row = rows.at(-1);
    if (row !== undefined && place !== own && row.first !== own && place === row.first + row.count) row.count += 1;
    else rows.push({ first: place, count: 1 });
  }
  return rows;
}
