// Writes the errands of runs, and drops them again.
//   W1. What drops errands waits for those that are on their way: one that arrives later would lie there for a run that is
//       further, or over.
import type { Clock } from '../../../port/clock.ts';
import { outsideAttempts } from '../../../port/attempt.ts';
import { errandRun } from '../../../journal/errand.ts';
import type { ErrandStore } from '../../options/errand-store.ts';
import type { Out } from './handed-out.ts';

export class ErrandWrites {
  readonly #store: ErrandStore;
  readonly #clock: Clock;
  /** What is on its way, by run. */
  readonly #writing = new Map<string, Set<Promise<unknown>>>();
  /** Runs whose used errands are being dropped. */
  readonly #dropping = new Map<string, Promise<void>>();

  constructor(store: ErrandStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Returns the ids of those that were there. */
  async write(group: readonly Out[]): Promise<readonly string[]> {
    const time = this.#clock.now();
    const rows = group.map(({ wanted: { place, kind, semantics } }) => errandRun(place, kind, semantics, time));
    const written = Promise.resolve(this.#store.errands.handOut(rows));
    const runIds = new Set(group.map(({ wanted }) => wanted.place.runId));
    for (const runId of runIds) this.#writing.set(runId, (this.#writing.get(runId) ?? new Set()).add(written));
    try {
      return await written;
    } finally {
      for (const runId of runIds) this.#writtenOf(runId, written);
    }
  }

  #writtenOf(runId: string, written: Promise<unknown>): void {
    const writing = this.#writing.get(runId);
    writing?.delete(written);
    if (writing?.size === 0) this.#writing.delete(runId);
  }

  /** By their ids while the run continues: this process may be late, and others have handed out the next ones. */
  drop(runId: string, ids: ReadonlySet<string> | undefined): void {
    const before = [...(this.#writing.get(runId) ?? [])];
    const { errands } = this.#store;
    // What stays goes with the run.
    const dropped: Promise<void> = Promise.resolve(
      outsideAttempts(async () => {
        if (before.length > 0) await Promise.allSettled(before);
        await errands.drop(runId, ids && [...ids]);
      }),
    )
      .catch(() => undefined)
      .finally(() => {
        if (this.#dropping.get(runId) === all) this.#dropping.delete(runId);
      });
    const all = Promise.all([this.#dropping.get(runId), dropped]).then(() => undefined);
    this.#dropping.set(runId, all);
  }

  /** Resolves when what was dropped of this run is gone. */
  async dropped(runId: string): Promise<void> {
    await this.#dropping.get(runId);
  }

  /** Resolves when nothing is being dropped any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#dropping.values());
  }
}
