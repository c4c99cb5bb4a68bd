// The races of one attempt: which of its code runs in a branch, and which of that has lost.
//   N1. What code of a branch that has lost still tries is refused, and what it has open is given up. So nothing of it
//       reaches the journal.
import { RepriseError } from '../../../base/error.ts';
import { isWithin } from '../../../journal/step/race.ts';
import type { BodyPace } from '../../../port/attempt.ts';

/** Something that waits for what branches get. */
export interface Awaiting {
  /** An effect was delivered. `task`: the path of what had asked for it. */
  delivered(task: string | undefined): void;
}

interface EnteredBranch {
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Code that waits for more of an answer than is recorded. */
interface WaitingClient {
  readonly path: string;
  readonly fail: (error: Error) => void;
}

export class AttemptRaces {
  readonly #abandon: (path: string, reason: Error) => void;
  readonly #entered: EnteredBranch[] = [];
  readonly #lost = new Map<string, RepriseError>();
  readonly #awaiting = new Set<Awaiting>();
  readonly #waiting = new Set<WaitingClient>();

  /** `abandon` gives up what is open within a path. */
  constructor(abandon: (path: string, reason: Error) => void) {
    this.#abandon = abandon;
  }

  enter(branch: EnteredBranch): void {
    this.#entered.push(branch);
  }

  /** That of the innermost branch around a path. */
  signalAt(path: string | undefined): AbortSignal | undefined {
    return this.#entered.findLast((branch) => isWithin(path, branch.path))?.signal;
  }

  /** The branch at this path has lost. `abort` tells it. */
  lose(path: string, reason: RepriseError, abort: AbortController): void {
    this.#lost.set(path, reason);
    // The signal comes first, so that an exchange that listens to it ends as its client says.
    abort.abort(reason);
    this.#abandon(path, reason);
    for (const waiting of [...this.#waiting])
      if (isWithin(waiting.path, path)) {
        this.#waiting.delete(waiting);
        waiting.fail(reason);
      }
  }

  /** The pace of a recorded body. A client that waits for more of it learns that its branch has lost, as it did live. */
  untilLost(path: string | undefined, pace: BodyPace): BodyPace {
    if (path === undefined) return pace;
    let waiting: WaitingClient | undefined;
    return {
      next: (isTaken) => pace.next(isTaken),
      past: (fail) => {
        waiting = { path, fail };
        this.#waiting.add(waiting);
        pace.past(fail);
      },
      leave: () => {
        if (waiting !== undefined) this.#waiting.delete(waiting);
        pace.leave();
      },
    };
  }

  /** Why code at this path may do nothing more; undefined if it may. */
  whyLost(path: string | undefined): RepriseError | undefined {
    if (path === undefined) return undefined;
    for (const [lost, reason] of this.#lost) if (isWithin(path, lost)) return reason;
    return undefined;
  }

  await(awaiting: Awaiting): () => void {
    this.#awaiting.add(awaiting);
    return () => this.#awaiting.delete(awaiting);
  }

  delivered(task: string | undefined): void {
    for (const awaiting of [...this.#awaiting]) awaiting.delivered(task);
  }
}

export function lostError(race: string, branch: string, winner: string): RepriseError {
  return new RepriseError('race-lost', `the branch "${branch}" of the race "${race}" has lost to "${winner}"`, {
    nextStep: 'Stop when the signal aborts that the branch was given.',
    fields: { race, branch, winner },
  });
}
