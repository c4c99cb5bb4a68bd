/** What was observed about a run beside its journal: never compared, shown in its result. */
export interface Note {
  readonly kind: 'detached' | 'left-open' | 'unrecorded' | 'unhandled-rejection';
  /** The attempt that it is about. */
  readonly at: string;
  readonly node: string;
  readonly message: string;
}

export const notesMax = 1_000;

export class Notes {
  readonly #notes: Note[] = [];

  /** Beyond the limit notes are counted in the last one, so that a node gone wild costs no memory. */
  add(note: Note): void {
    if (this.#notes.length < notesMax) this.#notes.push(Object.freeze(note));
  }

  get all(): readonly Note[] {
    return this.#notes;
  }
}
