// The parts of each run that this process has written, so that a part is sent to the file once.

/** Forgetting costs a write that the file ignores; remembering without end would cost memory. */
const knownCountMax = 200_000;

export class KnownParts {
  readonly #byRun = new Map<string, Set<string>>();
  #count = 0;

  has(runId: string, digest: string): boolean {
    return this.#byRun.get(runId)?.has(digest) === true;
  }

  /** To be called when the parts are in the file for good. */
  add(runId: string, digests: Iterable<string>): void {
    if (this.#count > knownCountMax) this.#clear();
    const known = this.#byRun.get(runId) ?? new Set();
    const before = known.size;
    for (const digest of digests) known.add(digest);
    this.#byRun.set(runId, known);
    this.#count += known.size - before;
  }

  forget(runId: string): void {
    this.#count -= this.#byRun.get(runId)?.size ?? 0;
    this.#byRun.delete(runId);
  }

  #clear(): void {
    this.#byRun.clear();
    this.#count = 0;
  }
}
