// Receives a replay's journal. It keeps nothing, and passes each step on to be compared.
import { atOnce } from '../../base/in-pieces.ts';
import type { Piece } from '../../base/in-pieces.ts';
import { StepGatherer } from '../../journal/run/canonical.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type { Inbox } from '../../port/inbox.ts';
import type { CancelRequest, Label, Later, Lease, RunStore, RunSummary } from '../../port/store.ts';

/** Is told of a step, and may have work to do for it. */
type OnStep = (step: CanonicalStep) => Generator<Piece, void> | undefined;

export class ReplayStore implements RunStore {
  readonly isDurable = false;
  readonly #gatherer = new StepGatherer();
  readonly #onStep: OnStep;
  readonly #work: (work: Generator<Piece, undefined>) => Later<undefined>;

  /** `work`: does what there is to do for the steps, if not at once. */
  constructor(onStep: OnStep, work: (work: Generator<Piece, undefined>) => Later<undefined> = atOnce) {
    this.#onStep = onStep;
    this.#work = work;
  }

  create(run: RunEntry, first: readonly Entry[] = []): Lease {
    atOnce(this.#add([run, ...first]));
    return { runId: run.observed.runId, token: 1 };
  }

  append(_lease: Lease, entries: readonly Entry[]): Later<undefined> {
    return this.#work(this.#add(entries));
  }

  *#add(entries: readonly Entry[]): Generator<Piece, undefined> {
    for (const entry of entries) {
      const completed = this.#gatherer.completed(entry);
      if (completed !== undefined) yield* this.#tell(yield* completed);
      // A replay is never resumed, so its end is final.
      if (entry.kind === 'end') for (const last of yield* this.#gatherer.restInPieces()) yield* this.#tell(last);
    }
  }

  *#tell(step: CanonicalStep): Generator<Piece, void> {
    const work = this.#onStep(step);
    if (work !== undefined) yield* work;
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
