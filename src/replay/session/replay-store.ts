// Receives a replay's journal. It keeps nothing, and passes each step on to be compared.
import { StepGatherer } from '../../journal/run/canonical.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type { Inbox } from '../../port/inbox.ts';
import type { CancelRequest, Label, Lease, RunStore, RunSummary } from '../../port/store.ts';

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
      // A replay is never resumed, so its end is final.
      if (entry.kind === 'end') for (const last of this.#gatherer.rest()) this.#onStep(last);
    }
  }

  take(runId: string): Lease {
    return { runId, token: 1 };
  }

  release(): void {
    // An abandoned replay leaves nothing behind.
  }

  renew(): readonly CancelRequest[] {
    return [];
  }

  cancelRequests(): readonly CancelRequest[] {
    return [];
  }

  requestCancel(): void {
    // No other process can see a replay.
  }

  send(): undefined {
    // Nobody outside knows of a replay.
  }

  inbox(): Inbox {
    return { last: 0, messages: [] };
  }

  due(): readonly RunSummary[] {
    return [];
  }

  label(): void {
    // A label is not part of what a run did.
  }

  labels(): readonly Label[] {
    return [];
  }

  async *read(): AsyncIterable<Entry> {
    // Compared steps are not kept.
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
