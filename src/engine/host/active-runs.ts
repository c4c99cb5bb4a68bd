// The runs that this engine drives now, and those that it is about to.
import { assert } from '../../base/assert.ts';
import type { AnyRun } from '../../graph/run-types.ts';
import type { Rejections } from '../../port/rejections.ts';
import type { Tail } from '../../stream/journal/tail.ts';
import type { Clock } from '../../port/clock.ts';
import type { RunOptions } from '../options/run-options.ts';
import type { Notes } from '../run/notes.ts';
import type { QuestionDesk } from '../run/question-desk.ts';
import type { RunInbox } from '../run/run-inbox.ts';
import type { RunStop } from '../run/run-stop.ts';
import type { OwnedRun } from './begin-run.ts';
import type { Owner } from './owner.ts';

export interface ActiveRun {
  readonly notes: Notes;
  /** Whether an attempt of it is open. */
  readonly isInStep: () => boolean;
  readonly stop: RunStop;
  readonly questions: QuestionDesk;
  readonly inbox: RunInbox;
  readonly tail: Tail;
  readonly result: Promise<AnyRun>;
}

interface ActiveRunsSetup {
  readonly clock: Clock;
  readonly rejections: Rejections;
  readonly owner: Owner;
  /** A run is no longer driven here. */
  readonly onEnd: (runId: string) => void;
}

export class ActiveRuns {
  readonly #setup: ActiveRunsSetup;
  readonly #runs = new Map<string, ActiveRun>();

  constructor(setup: ActiveRunsSetup) {
    this.#setup = setup;
  }

  get(runId: string): ActiveRun | undefined {
    return this.#runs.get(runId);
  }

  get all(): readonly ActiveRun[] {
    return [...this.#runs.values()];
  }

  /** Drives a run to its end, or until it is stopped. */
  drive({ parts, drive }: OwnedRun, { signal, timeoutMs }: Pick<RunOptions, 'signal' | 'timeoutMs'>): Promise<AnyRun> {
    const { clock, rejections, owner, onEnd } = this.#setup;
    const { runId, stop, journal, notes, rest, questions, inbox } = parts;
    assert(!this.#runs.has(runId), 'H1: a run is driven at most once in this engine');
    owner.keep();
    const onAbort = (): void => stop.cancel(signal?.reason);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelTimer = timeoutMs === undefined ? undefined : clock.setTimer(timeoutMs, () => stop.expire(timeoutMs));
    const unwatch = rejections.watch();
    const result = drive.run().finally(() => {
      signal?.removeEventListener('abort', onAbort);
      cancelTimer?.();
      unwatch();
      parts.order.quiet.see(false);
      this.#runs.delete(runId);
      onEnd(runId);
      if (this.#runs.size === 0) owner.stop();
    });
    const run = { stop, tail: journal.tail, result, notes, questions, inbox, isInStep: () => rest.isInStep };
    this.#runs.set(runId, run);
    return result;
  }
}
