// What was found so far, in canonical order, and how much was compared.
import type { Divergence, Found } from './divergence.ts';

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
  /** The step of the run that is compared. */
  step = 0;

  get length(): number {
    return this.divergences.length;
  }

  /** `follows`: the place in the log of what these come from. */
  add(place: Place, found: readonly Found[], follows?: number): void {
    for (const item of found) {
      const cause = follows === undefined ? {} : { follows };
      this.divergences.push(Object.freeze({ ...item, ...place, step: this.step, ...cause }));
    }
  }

  /** The place of the first one since `from` that is meant. */
  find(from: number, isMeant: (divergence: Divergence) => boolean): number | undefined {
    for (let place = from; place < this.divergences.length; place += 1)
      if (isMeant(this.divergences[place] as Divergence)) return place;
    return undefined;
  }
}
