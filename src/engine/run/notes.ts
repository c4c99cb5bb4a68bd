import type { RunNote } from '../../graph/run-types.ts';

export const notesMax = 1_000;

/** What was observed about a run beside its journal: never compared, shown in its result. */
export class Notes {
  readonly #notes: RunNote[] = [];

  /** Beyond the limit nothing is added, so that a node gone wild costs no memory. */
  add(note: RunNote): void {
    if (this.#notes.length < notesMax) this.#notes.push(Object.freeze(note));
  }

  get all(): readonly RunNote[] {
    return this.#notes;
  }
}
