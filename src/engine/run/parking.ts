// Waits that are so long that a run which does nothing else leaves memory: it is paused, and says when it is to be woken.

export class Parking {
  readonly #leastMs: number;
  readonly #dues = new Set<{ readonly due: number }>();

  /** `leastMs`: shorter waits keep the run in memory. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  isLong(leftMs: number): boolean {
    return leftMs >= this.#leastMs;
  }

  /** The returned function says that the wait is over. */
  add(due: number): () => void {
    const wait = { due };
    this.#dues.add(wait);
    return () => this.#dues.delete(wait);
  }

  /** When the first of the waits is over. */
  get wakeAt(): number | undefined {
    let first: number | undefined;
    for (const { due } of this.#dues) first = Math.min(first ?? due, due);
    return first;
  }
}
