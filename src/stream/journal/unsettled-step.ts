// What a reader was given of the open step before the store had it. After a crash nobody can know what became of that, so
// for a reader that comes back all of it is void and given again.
import type { Entry } from '../../journal/entry.ts';
import { attemptNumber } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { cursorText, firstCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { Position, StepStart, StreamOrder } from './position.ts';
import type { ResetItem } from '../stream-item.ts';

export class UnsettledStep {
  readonly #attempts = new Map<AttemptKey, string>();
  #cursor: Cursor;

  constructor(order: StreamOrder) {
    this.#cursor = firstCursor(order);
  }

  /** Where a reader that comes back starts, and what is void for it. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  gave(at: AttemptKey, node: string): void {
    if (this.#attempts.has(at)) return;
    this.#attempts.set(at, node);
    this.#cursor = { ...this.#cursor, unsettled: [...this.#attempts] };
  }

  /** A step of the run itself is in the store, with everything that was given of it. `next`: the step after it. */
  committed(position: Position, next: StepStart): void {
    this.#attempts.clear();
    this.#cursor = { position, start: next, unsettled: [] };
  }
}

/** What a reader is told that comes back to the step after this entry; nothing where its cursor is elsewhere. */
export function resetsAfter(
  entry: Entry,
  place: number,
  given: Cursor | undefined,
  runId: string,
): readonly ResetItem[] {
  if (given === undefined || given.unsettled.length === 0) return [];
  const { position, start, unsettled } = given;
  const isThere =
    position.order === 'arrival' ? position.place === place : entry.kind === 'commit' && entry.at === position.at;
  if (!isThere) return [];
  const time = 'time' in entry.observed ? entry.observed.time : 0;
  return unsettled.map(([key, node], index) => ({
    kind: 'reset',
    // A reader that leaves between two of them is told the rest when it comes back.
    cursor: cursorText(runId, { position, start, unsettled: unsettled.slice(index + 1) }),
    key,
    node,
    attempt: attemptNumber(key),
    time,
    from: 0,
  }));
}
