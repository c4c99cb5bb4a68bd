// Where a replay's journal goes: not to be kept, but to be compared, step by step as it grows.
import { StepGatherer } from '../journal/canonical.ts';
import type { CanonicalStep } from '../journal/canonical.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { CancelRequest, Label, Lease, RunStore, RunSummary } from '../port/store.ts';

export class ReplayStore implements RunStore {
  readonly isDurable = false;
  readonly #gatherer = new StepGatherer();
  readonly #onStep: (step: CanonicalStep) => void;

  constructor(onStep: (step: CanonicalStep) => void) {
    this.#onStep = onStep;
  }

  create(run: RunEntry, first: readonly Entry[] = []): Lease {
    this.#add([run, ...first]);
    return { runId: run.observed.runId, token: 1 };
  }

  append(_lease: Lease, entries: readonly Entry[]): undefined {
    this.#add(entries);
  }

  #add(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const step = this.#gatherer.add(entry);
      if (step !== undefined) this.#onStep(step);
      // A replay is never resumed: its end is one.
      if (entry.kind === 'end') for (const last of this.#gatherer.rest()) this.#onStep(last);
    }
  }

  take(runId: string): Lease {
    return { runId, token: 1 };
  }

  release(): void {
    // A replay that is given up leaves nothing behind.
  }

  renew(): readonly CancelRequest[] {
    return [];
  }

  cancelRequests(): readonly CancelRequest[] {
    return [];
  }

  requestCancel(): void {
    // Nobody else can see a replay.
  }

  due(): readonly RunSummary[] {
    return [];
  }

  label(): void {
    // A label is nothing that a run did.
  }

  labels(): readonly Label[] {
    return [];
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
