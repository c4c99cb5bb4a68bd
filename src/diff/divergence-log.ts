// The divergences found so far, in canonical order, and how much was compared.
import type { Divergence, DivergenceKind, Found } from './divergence.ts';

/** How much of the runs was looked at, so that a report without divergences shows that it compared something. */
export interface ComparedCounts {
  readonly steps: number;
  readonly tasks: number;
  readonly attempts: number;
  readonly effects: number;
  readonly chunks: number;
  readonly events: number;
}

export interface Place {
  /** Empty for the run itself. */
  readonly at: string;
  readonly node?: string;
}

export class DivergenceLog {
  readonly divergences: Divergence[] = [];
  readonly counts = { steps: 0, tasks: 0, attempts: 0, effects: 0, chunks: 0, events: 0 };
  /** The step of the run that is being compared. */
  step = 0;
  /** How many were of kinds that do not count. */
  leftOut = 0;
  /** The first of them: what else differs may follow from it. */
  firstLeftOut: string | undefined;
  readonly #kinds: ReadonlySet<DivergenceKind> | undefined;

  /** `kinds`: those that count; all of them by default. */
  constructor(kinds?: readonly DivergenceKind[]) {
    this.#kinds = kinds === undefined ? undefined : new Set(kinds);
  }

  get length(): number {
    return this.divergences.length;
  }

  /** `follows` is the place in the log of the divergence that caused these. */
  add(place: Place, found: readonly Found[], follows?: number): void {
    for (const item of found) {
      if (this.#kinds?.has(item.kind) === false) {
        this.leftOut += 1;
        this.firstLeftOut ??= `${item.kind} ${place.at} ${item.path}`;
        continue;
      }
      const cause = follows === undefined ? {} : { follows };
      this.divergences.push(Object.freeze({ ...item, ...place, step: this.step, ...cause }));
    }
  }

  /** The place of the first match at or after `from`. */
  find(from: number, isMeant: (divergence: Divergence) => boolean): number | undefined {
    for (let place = from; place < this.divergences.length; place += 1)
      if (isMeant(this.divergences[place] as Divergence)) return place;
    return undefined;
  }
}
