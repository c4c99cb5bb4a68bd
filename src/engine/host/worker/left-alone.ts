// The runs that a worker leaves alone, such as those that it could not resume: for as long as they are as they were then.
// Somebody may continue one elsewhere, with `force` for example, and then it is a run like any other.
import type { RunStore, RunSummary } from '../../../port/store.ts';

/** So many are looked at together: after a deploy that refuses runs there may be thousands. */
const looksMax = 8;
/** Between two looks at a run are so many rounds of looks at most; at first one, and twice as many each time. */
const gapMax = 16;

interface Left {
  /** How many entries it had; undefined while that is not known. */
  readonly count: number | undefined;
  readonly gap: number;
  /** In which round it is looked at next. */
  readonly next: number;
}

export class LeftAlone {
  readonly #store: Pick<RunStore, 'find'> | undefined;
  /** What was looked at last comes last. */
  readonly #runs = new Map<string, Left>();
  #round = 0;

  /** Without a store they are left alone for good. */
  constructor(store: Pick<RunStore, 'find'> | undefined) {
    this.#store = store;
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.#runs.keys());
  }

  /**
   * From now on. `count`: how many entries it had when it was given back, if that is known: others may have continued it since.
   * Otherwise they are counted, and the promise resolves when that is done.
   */
  async add(runId: string, count?: number): Promise<void> {
    const left = { gap: 1, next: this.#round + 1 };
    this.#runs.set(runId, { ...left, count });
    if (count !== undefined) return;
    const found = await this.#found(runId);
    if (typeof found === 'object') this.#runs.set(runId, { ...left, count: found.entryCount });
  }

  /** Lets go of those that have grown since, have ended or are gone; it looks at some of them each time. */
  async look(): Promise<void> {
    if (this.#store === undefined) return;
    this.#round += 1;
    const due = [...this.#runs].filter(([, { next }]) => next <= this.#round).slice(0, looksMax);
    await Promise.all(due.map(([runId, left]) => this.#lookAt(runId, left)));
  }

  async #lookAt(runId: string, { count, gap }: Left): Promise<void> {
    const found = await this.#found(runId);
    this.#runs.delete(runId);
    const later = Math.min(2 * gap, gapMax);
    if (found === 'failed') this.#runs.set(runId, { count, gap, next: this.#round + gap });
    else if (found !== 'gone' && !isOver(found) && (count === undefined || found.entryCount === count))
      this.#runs.set(runId, { count: found.entryCount, gap: later, next: this.#round + later });
  }

  /** A store that fails says so where it is asked for what is due. */
  async #found(runId: string): Promise<RunSummary | 'gone' | 'failed'> {
    try {
      return (await this.#store?.find(runId)) ?? 'gone';
    } catch {
      return 'failed';
    }
  }
}

/** It is never due again. */
function isOver({ status }: RunSummary): boolean {
  return status === 'done' || status === 'cancelled';
}
