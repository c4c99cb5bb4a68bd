// When a run is due for a checkpoint: once more has been written since the last checkpoint than that checkpoint is
// long. So all checkpoints together are at most as long as the journal, and a resume reads at most twice the size of
// the state.

interface Sizes {
  /** The length of all texts written since the last checkpoint. */
  readonly written: number;
  /** The length of that checkpoint. */
  readonly checkpoint: number;
}

export class CheckpointSizes {
  readonly #least: number;
  readonly #byRun = new Map<string, Sizes>();

  /** Less text than `least` is read again in no time, so it never makes a checkpoint due. */
  constructor(least: number) {
    this.#least = least;
  }

  begin(runId: string, sizes: Sizes): void {
    this.#byRun.set(runId, sizes);
  }

  /** Whether a checkpoint is due once `more` characters are written. */
  isDue(runId: string, more: number): boolean {
    const sizes = this.#byRun.get(runId);
    return sizes !== undefined && sizes.written + more > Math.max(sizes.checkpoint, this.#least);
  }

  /** Call this once the text is in the file. */
  add(runId: string, more: number, checkpoint: number | undefined): void {
    const sizes = this.#byRun.get(runId);
    if (sizes === undefined) return;
    this.#byRun.set(
      runId,
      checkpoint === undefined ? { ...sizes, written: sizes.written + more } : { written: 0, checkpoint },
    );
  }

  forget(runId: string): void {
    this.#byRun.delete(runId);
  }
}
