// The parts that this process has written, by run, so that each part is written once.

/** Forgetting a part costs one write that the file ignores; remembering all of them would leak memory. */
const knownCountMax = 200_000;

export class KnownParts {
  readonly #byRun = new Map<string, Set<string>>();
  #count = 0;

  has(runId: string, digest: string): boolean {
    return this.#byRun.get(runId)?.has(digest) === true;
  }

  /** Call this once the parts are durable. */
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
