// How an attempt is stopped that has something to clean up, itself or in its inner run.
//   Owns:         the way from the moment at which it is stopped to the moment at which it is over.
//   Not its job:  why it is stopped and what follows (attempt.ts), what its functions do (clean-up.ts).
//   U1. marking → settling → cleaning → over; over from each, if the run is let go of.
//   U2. The `stop` entry is durable before the attempt learns that it is stopped. So if the process dies, another one
//       cleans up.
//   U3. Attempts that are stopped together are marked in one append.
import { assertMove } from '../../../base/assert.ts';
import type { Moves } from '../../../base/assert.ts';
import type { StopEntry } from '../../../journal/entry.ts';
import type { RunParts } from '../../run/run-parts.ts';

type State = 'marking' | 'settling' | 'cleaning' | 'over';

const moves: Moves<State> = {
  marking: ['settling', 'over'],
  settling: ['cleaning', 'over'],
  cleaning: ['over'],
  over: [],
};

/** The attempt, as it is stopped. */
export interface Stoppable {
  /** Its signal aborts, and nothing that is open in it continues. */
  tell(): void;
  /** Calls back once its node has settled, or has had its time to. */
  whenSettled(callback: () => void): void;
  /** Calls back once its functions have run. */
  cleanUp(done: () => void): void;
  /** Everything is cleaned up. */
  cleanedUp(): void;
  /** The store has failed, so nothing that it does could be journaled. */
  stop(reason: Error): void;
}

export class Stopping {
  readonly #parts: RunParts;
  readonly #attempt: Stoppable;
  #state: State = 'marking';
  #hasWaited = false;

  constructor(parts: RunParts, attempt: Stoppable) {
    this.#parts = parts;
    this.#attempt = attempt;
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Whether its code has had its time to settle. */
  get hasWaited(): boolean {
    return this.#hasWaited;
  }

  /** `mark` says so in the journal, unless it does already. */
  begin(mark: StopEntry): void {
    this.#parts.journal.add(mark);
    // In a microtask, since others may be stopped in the same moment (U3).
    queueMicrotask(() => this.#guarded(() => this.#mark()));
  }

  #mark(): void {
    if (this.#state === 'over') return;
    const durable = this.#parts.journal.ready();
    if (durable === undefined) this.#tell();
    else
      durable.then(
        () => this.#guarded(() => this.#tell()),
        (thrown: Error) => this.#attempt.stop(thrown),
      );
  }

  #tell(): void {
    if (this.#state === 'over') return;
    this.#move('settling');
    this.#attempt.tell();
    this.#attempt.whenSettled(() => this.#clean());
  }

  #clean(): void {
    if (this.#state === 'over') return;
    this.#hasWaited = true;
    this.#move('cleaning');
    this.#attempt.cleanUp(() => {
      this.#move('over');
      this.#attempt.cleanedUp();
    });
  }

  /** The run is let go of: another process stops the attempt again. */
  drop(): void {
    this.#move('over');
  }

  /** A failing store stops the run. So does a bug in Reprise. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      if (this.#parts.stop.current === undefined) this.#parts.stop.fail('faulty', thrown);
      if (this.#state !== 'over') this.#attempt.stop(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #move(state: State): void {
    assertMove(moves, this.#state, state, 'the stop of an attempt');
    this.#state = state;
  }
}
