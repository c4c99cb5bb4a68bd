// Attempts that are made elsewhere, as a run sees them.
import type { Later } from '../../port/store.ts';
import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import type { ErrandKind, ErrandPlace } from '../../journal/errand.ts';

export interface WantedErrand {
  readonly place: ErrandPlace;
  readonly kind: ErrandKind;
  readonly semantics: number;
  /** Makes durable what a worker has to know, and sees that the run is still this process's. */
  ready(): Later<void>;
  /** Called once, unless it is let go of before. */
  over(end: ErrandEnd): void;
  /** No worker has taken it for some time. */
  unclaimed(): void;
}

export type ErrandEnd =
  /** What its attempt did. If it holds no outcome, the attempt was stopped. */
  | { readonly kind: 'made'; readonly entries: readonly Entry[] }
  /** No worker can make it. */
  | { readonly kind: 'failed'; readonly error: Value }
  /** The store failed. */
  | { readonly kind: 'broken'; readonly thrown: unknown };

/** An errand that is handed out. */
export interface HandedOut {
  /** Its attempt is to be stopped. It is over once a worker has cleaned up, or at once if nobody has it. */
  stop(why: Value): void;
  /** This process does nothing more about it. Who drives the run next finds it. */
  letGo(): void;
}

export interface Errands {
  handOut(wanted: WantedErrand): HandedOut;
  /** A step is committed, so its errands are of no more use. */
  stepCommitted(runId: string): void;
  /** The run has ended. With `isOver` it will not be resumed: a worker that has an errand of it notices at its next write. */
  runEnded(runId: string, isOver: boolean): void;
}
