// The runs that a worker leaves alone, such as those that it could not resume: for as long as they are as they were then.
// Somebody may continue one elsewhere, with `force` for example, and then it is a run like any other.
import type { RunStore } from '../../../port/store.ts';

/** So many are looked at together: after a deploy that refuses runs there may be thousands. */
const looksMax = 8;

export class LeftAlone {
  readonly #store: Pick<RunStore, 'find'> | undefined;
  /** How many entries each had; undefined while that is not known. What was looked at last comes last. */
  readonly #counts = new Map<string, number | undefined>();

  /** Without a store they are left alone for good. */
  constructor(store: Pick<RunStore, 'find'> | undefined) {
    this.#store = store;
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.#counts.keys());
  }

  /** At once. What it is then is known when the promise resolves. */
  async add(runId: string): Promise<void> {
    this.#counts.set(runId, undefined);
    this.#counts.set(runId, await this.#countOf(runId));
  }

  /** Lets go of some that have grown since, or are gone. */
  async look(): Promise<void> {
    if (this.#store === undefined) return;
    for (const [runId, count] of [...this.#counts].slice(0, looksMax)) {
      const now = await this.#countOf(runId);
      this.#counts.delete(runId);
      if (count === undefined || now === count) this.#counts.set(runId, now);
    }
  }

  /** A store that fails says so where it is asked for what is due. */
  async #countOf(runId: string): Promise<number | undefined> {
    try {
      return (await this.#store?.find(runId))?.entryCount;
    } catch {
      return undefined;
    }
  }
}
