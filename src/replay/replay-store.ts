// Where a replay's journal goes: not to be kept, but to be compared, step by step as it grows.
import { StepGatherer } from '../journal/canonical.ts';
import type { CanonicalStep } from '../journal/canonical.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { Lease, RunStore, RunSummary } from '../port/store.ts';

export class ReplayStore implements RunStore {
  readonly isDurable = false;
  readonly #gatherer = new StepGatherer();
  readonly #onStep: (step: CanonicalStep) => void;

  constructor(onStep: (step: CanonicalStep) => void) {
    this.#onStep = onStep;
  }

  create(run: RunEntry): Lease {
    this.#gatherer.add(run);
    return { runId: run.observed.runId, token: 1 };
  }

  append(_lease: Lease, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const step = this.#gatherer.add(entry);
      if (step !== undefined) this.#onStep(step);
    }
  }

  take(runId: string): Lease {
    return { runId, token: 1 };
  }

  release(): void {
    // A replay that is given up leaves nothing behind.
  }

  async *read(): AsyncIterable<Entry> {
    // What was compared is not kept.
  }

  find(): RunSummary | undefined {
    return undefined;
  }

  list(): readonly RunSummary[] {
    return [];
  }

  close(): void {
    // Nothing is open.
  }
}
