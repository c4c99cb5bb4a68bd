// When a checkpoint is due, by run: when more was written since the last one than that one is long. So checkpoints are at
// most as long as the journal, all of them together, and going on reads at most twice what the state is.

interface Sizes {
  /** How long the texts are that were written since the last checkpoint. */
  readonly written: number;
  /** How long that one is. */
  readonly checkpoint: number;
}

export class CheckpointSizes {
  readonly #least: number;
  readonly #byRun = new Map<string, Sizes>();

  /** `least`: less than so much is read again in no time. */
  constructor(least: number) {
    this.#least = least;
  }

  begin(runId: string, sizes: Sizes): void {
    this.#byRun.set(runId, sizes);
  }

  /** Whether one is due when so much more is written. */
  isDue(runId: string, more: number): boolean {
    const sizes = this.#byRun.get(runId);
    return sizes !== undefined && sizes.written + more > Math.max(sizes.checkpoint, this.#least);
  }

  /** To be called when it is in the file. */
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
