// When the next part of a recorded body is given. Live the network leaves a client the time to take what it has got, to
// decode it for example. A part that came before that would run together with the one before it, and an error would
// overtake it.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { BodyPace, CurrentAttempt } from '../../../port/attempt.ts';
import { asOwn, isAtWork } from '../../event-loop/node-work.ts';
import type { WorkKind } from '../../event-loop/node-work.ts';
import { realSetImmediate } from '../../event-loop/real-timers.ts';

const decoding: ReadonlySet<WorkKind> = new Set(['compression']);
/** A client that stops at an error may have begun to write what it got to a file. */
const anything: ReadonlySet<WorkKind> = new Set(['compression', 'request', 'turn']);

export class AnswerPace {
  readonly #pace: BodyPace;
  readonly #attempt: CurrentAttempt;

  readonly #apart: readonly (readonly [number, number])[] | undefined;
  #count = 0;

  /** `apart`: runs of parts that came apart from what was before them, the end included; undefined if nobody knows. */
  constructor(pace: BodyPace, attempt: CurrentAttempt, apart: readonly (readonly [number, number])[] | undefined) {
    this.#pace = pace;
    this.#attempt = attempt;
    this.#apart = apart;
  }

  /**
   * The next part came with the one before it, and nobody had time between them: streams of a client may have made one of
   * the two. It is given in the same turn, whether or not the other has been read.
   */
  get comesTogether(): boolean {
    return this.#apart !== undefined && this.#count > 0 && !this.#isApart(this.#count);
  }

  #isApart(place: number): boolean {
    return this.#apart?.some(([first, count]) => place >= first && place < first + count) === true;
  }

  /** Resolves when it may be given; undefined if it may be given now. `isRead`: the client has read all it was given. */
  next(what: 'part' | 'error', isRead: () => boolean = always): Promise<void> | undefined {
    const place = this.#count;
    this.#count += 1;
    const work = what === 'part' ? decoding : anything;
    const isTaken = (): boolean => isRead() && !isAtWork(this.#attempt, work);
    // An error never comes in the turn of the part before: a client that pipes the body would lose what is in its pipes.
    if (what === 'part' && !this.#isApart(place)) return this.#pace.next(isTaken);
    let isLaterTurn = false;
    asOwn(() =>
      realSetImmediate(() => {
        isLaterTurn = true;
      }),
    );
    return this.#pace.next(() => isLaterTurn && isTaken());
  }

  /** Its client reads on where nothing more was recorded. `fail` gets the error, if that is certain. */
  past(fail: (error: Error) => void): void {
    // What its client is told then belongs to its caller, not to what finds out that nothing else is left.
    const inContext = AsyncLocalStorage.snapshot();
    this.#pace.past((error) => inContext(() => fail(error)));
  }

  /** Nobody reads what is left. */
  leave(): void {
    this.#pace.leave();
  }
}

const always = (): boolean => true;
