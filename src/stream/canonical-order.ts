// Puts the entries of a run that goes on into the one order that does not depend on when things happened, as early as
// that can be told.
//   Q1. An entry may go out when every task of a lower rank is done, in its step and in those of the scopes around it; at
//       the latest when the step is committed.
//   Q2. What has to wait is remembered by its place in the journal, and read back from there: nothing is held.
import type { Entry } from '../journal/entry.ts';
import { keyNumbers } from '../journal/key.ts';

export interface PlacedEntry {
  readonly entry: Entry;
  readonly place: number;
}

interface Waiting {
  readonly at: string;
  readonly numbers: readonly number[];
  readonly places: number[];
}

export class CanonicalOrder {
  #waiting: Waiting[] = [];
  /** By step: the ranks that are done, and the lowest that is not. */
  #done = new Map<string, { readonly ranks: Set<number>; next: number }>();

  /** Takes an entry in; gives the places of what may go out now, in order, itself among them if so. */
  add({ entry, place }: PlacedEntry): readonly number[] {
    if (entry.kind === 'end') return [...this.#takeAll(), place];
    if (entry.kind === 'commit' && !entry.at.includes('/')) {
      const all = this.#takeAll();
      this.#done.clear();
      return [...all, place];
    }
    if (entry.kind === 'run') return [place];
    if (entry.kind !== 'chunk' && entry.kind !== 'outcome') return [];
    if (entry.kind === 'outcome' && entry.result.status === 'done') this.markDone(entry.at);
    this.#wait(entry.at, place);
    return this.#takeReady();
  }

  #wait(at: string, place: number): void {
    const known = this.#waiting.find((waiting) => waiting.at === at);
    if (known !== undefined) {
      known.places.push(place);
      return;
    }
    const waiting = { at, numbers: keyNumbers(at), places: [place] };
    const next = this.#waiting.findIndex((other) => compareOuterLast(waiting.numbers, other.numbers) < 0);
    this.#waiting.splice(next < 0 ? this.#waiting.length : next, 0, waiting);
  }

  #takeReady(): readonly number[] {
    const places: number[] = [];
    for (let first = this.#waiting[0]; first !== undefined && this.#isReady(first.at); first = this.#waiting[0]) {
      places.push(...first.places);
      this.#waiting.shift();
    }
    return places;
  }

  #takeAll(): readonly number[] {
    const places = this.#waiting.flatMap((waiting) => waiting.places);
    this.#waiting = [];
    return places;
  }

  #isReady(at: string): boolean {
    for (let dot = at.indexOf('.'); dot > 0; dot = at.indexOf('.', dot + 1)) {
      const rank = Number.parseInt(at.slice(dot + 1), 10);
      if (rank > (this.#done.get(at.slice(0, dot))?.next ?? 0)) return false;
    }
    return true;
  }

  /** It is done, and what it gave has gone out before. */
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
}

/** Canonical order of attempts, but that what runs inside of one comes before what it comes to itself. */
export function compareOuterLast(left: readonly number[], right: readonly number[]): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return right.length - left.length;
}
