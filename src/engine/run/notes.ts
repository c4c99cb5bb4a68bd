import type { RunNote } from '../../graph/run-types.ts';

export const notesMax = 1_000;

/** Observations about a run that are not part of its journal. Never compared; shown in its result. */
export class Notes {
  readonly #notes: RunNote[] = [];

  /** Adds nothing beyond the limit, so that a runaway node cannot use up memory. */
  add(note: RunNote): void {
    if (this.#notes.length < notesMax) this.#notes.push(Object.freeze(note));
  }

  get all(): readonly RunNote[] {
    return this.#notes;
  }
}
