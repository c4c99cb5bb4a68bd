// The runs that this engine drives now, and those that it is about to.
import { assert } from '../../base/assert.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { RunTerms } from '../../journal/run-facts.ts';
import type { UnattributedRequest } from '../../port/effect-source.ts';
import type { Rejections } from '../../port/rejections.ts';
import type { SourcePaths } from '../../port/source-paths.ts';
import type { Tail } from '../../stream/journal/tail.ts';
import type { Clock } from '../../port/clock.ts';
import { framesOf } from '../rules/read-stacks.ts';
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
  /** Whether it has written anything new here. */
  readonly hasProgressed: () => boolean;
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

  get ids(): readonly string[] {
    return [...this.#runs.keys()];
  }

  get all(): readonly ActiveRun[] {
    return [...this.#runs.values()];
  }

  /** Notes a request that belongs to nobody in each run that has an attempt open. */
  noteUnattributed(request: () => UnattributedRequest | undefined, paths: SourcePaths): void {
    const open = this.all.filter(({ isInStep }) => isInStep());
    const made = open.length === 0 ? undefined : request();
    if (made === undefined) return;
    const stack = framesOf(made.madeAt, paths).join('\n');
    for (const { notes } of open) notes.addUnattributed(made.host, stack);
  }

  /** Drives a run to its end, or until it is stopped. */
  drive({ parts, drive, lease, claim }: OwnedRun, signal: AbortSignal | undefined): Promise<AnyRun> {
    const { clock, rejections, owner, onEnd } = this.#setup;
    const { runId, stop, journal, notes, rest, questions, inbox } = parts;
    assert(!this.#runs.has(runId), 'H1: a run is driven at most once in this engine');
    owner.keep(claim);
    const onAbort = (): void => void stop.cancel(signal?.reason);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelTimer = expireAt(parts.run.observed.terms?.deadline, clock, stop);
    const unwatch = rejections.watch();
    const driven = drive.run().catch((thrown: unknown) => {
      // Without a result, so its journal does not say that it was released.
      void owner.letGo(lease);
      throw thrown;
    });
    const result = driven.finally(() => {
      signal?.removeEventListener('abort', onAbort);
      cancelTimer?.();
      unwatch();
      parts.order.quiet.see(false);
      this.#runs.delete(runId);
      onEnd(runId);
      if (this.#runs.size === 0) owner.stop();
    });
    const isInStep = (): boolean => rest.isInStep;
    const hasProgressed = (): boolean => journal.hasProgressed;
    const run = { stop, tail: journal.tail, result, notes, questions, inbox, isInStep, hasProgressed };
    this.#runs.set(runId, run);
    return result;
  }
}

/** Stops the run at its deadline; at once if that has passed. The returned function cancels that. */
function expireAt(deadline: RunTerms['deadline'], clock: Clock, stop: RunStop): (() => void) | undefined {
  if (deadline === undefined) return undefined;
  const expire = (): void => stop.expire(deadline.timeoutMs);
  const leftMs = deadline.at - clock.now();
  if (leftMs > 0) return clock.setTimer(leftMs, expire);
  expire();
  return undefined;
}

/** A paused run may be resumed. A run that rejected is read again. */
export function mayResume(run: AnyRun | undefined): boolean {
  return run === undefined || run.status === 'paused';
}
