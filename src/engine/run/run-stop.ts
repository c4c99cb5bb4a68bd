// Why a run stops before its frontier is empty.
//   Owns:         the run's way from going to stopping.
//   Not its job:  aborting tasks and giving the run back (drive), telling the caller (host).
//   R1. going → stopping, once. The first reason stays, whatever comes later.
//   R2. The listener is called once and synchronously, so nothing starts after the stop that did not start before it.
import { assert } from '../../base/assert.ts';
import { RepriseError, messageOf } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { RunEnd } from '../../journal/entry.ts';

export type Stop =
  /**
   * A cancel or a limit: the run ends with this. `isAbrupt`: no attempt is entered again, whatever it has to clean up,
   * since that may be what killed its processes.
   */
  | { readonly kind: 'ended'; readonly end: RunEnd; readonly isAbrupt?: boolean }
  /** The store failed. Nothing can be written any more, not even that. */
  | { readonly kind: 'broken'; readonly thrown: unknown }
  /** A bug in Reprise. The run is released, so that it can be resumed once the bug is fixed. */
  | { readonly kind: 'faulty'; readonly thrown: unknown }
  /** The process releases the run, which can be resumed. */
  | { readonly kind: 'interrupted' }
  /** Everything left is waiting. */
  | { readonly kind: 'paused' }
  /** The code no longer does what the journal holds. Nothing it did since may be written. */
  | { readonly kind: 'diverged'; readonly error: Error };

type State = { readonly kind: 'going' } | { readonly kind: 'stopping'; readonly stop: Stop; readonly reason: Error };

export class RunStop {
  readonly #runId: string;
  #state: State = { kind: 'going' };
  #listener: ((reason: Error) => void) | undefined;

  constructor(runId: string) {
    this.#runId = runId;
  }

  get current(): Stop | undefined {
    return this.#state.kind === 'going' ? undefined : this.#state.stop;
  }

  /** Attempts are dropped rather than ended: the same ones are entered again when the run is resumed. */
  get isSuspension(): boolean {
    const kind = this.current?.kind;
    return kind === 'paused' || kind === 'interrupted';
  }

  /** The process lets go of the run before it has ended: nothing of it is cleaned up here. */
  get isLetGo(): boolean {
    return this.current !== undefined && this.current.kind !== 'ended';
  }

  /** Calls back when the run stops, at once if it is stopping already. There is one listener: the drive of the run. */
  whenStopping(listener: (reason: Error) => void): void {
    assert(this.#listener === undefined, 'R2: a run has one drive');
    this.#listener = listener;
    if (this.#state.kind === 'stopping') listener(this.#state.reason);
  }

  /** Ends the run as cancelled. Returns false if it is stopping for another reason, so that it will not be. */
  cancel(reason: unknown): boolean {
    const error = new RepriseError('run-cancelled', `run "${this.#runId}" was cancelled`, {
      nextStep: 'If this was intended there is nothing to do: `run.reason` says why.',
      ...(reason === undefined ? {} : { cause: reason }),
    });
    this.end({ status: 'cancelled', reason: reasonValue(reason) }, error);
    const { current } = this;
    return current?.kind === 'ended' && current.end.status === 'cancelled';
  }

  /** The run took longer than it may. */
  expire(timeoutMs: number): void {
    const error = new RepriseError('limit-reached', `the run took longer than its ${timeoutMs} ms`, {
      nextStep: 'Raise `timeoutMs` of the run, or see in `npx reprise show` what took so long.',
      fields: { limit: 'timeoutMs', timeoutMs },
    });
    this.end({ status: 'failed', error: canonicalValue(error, 'error') }, error);
  }

  end(end: RunEnd, reason: Error, how: { readonly isAbrupt?: boolean } = {}): void {
    this.#stop({ kind: 'ended', end, ...how }, reason);
  }

  pause(): void {
    this.#stop({ kind: 'paused' }, new Error('the run is paused'));
  }

  interrupt(): void {
    this.#stop({ kind: 'interrupted' }, new Error('the engine is closing'));
  }

  diverge(error: Error): void {
    this.#stop({ kind: 'diverged', error }, error);
  }

  fail(kind: 'broken' | 'faulty', thrown: unknown): void {
    this.#stop({ kind, thrown }, thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
  }

  #stop(stop: Stop, reason: Error): void {
    if (this.#state.kind === 'stopping') return;
    this.#state = { kind: 'stopping', stop, reason };
    this.#listener?.(reason);
  }
}

function reasonValue(reason: unknown): Value {
  try {
    return canonicalValue(reason, 'the reason of a cancel');
  } catch {
    return messageOf(reason);
  }
}
