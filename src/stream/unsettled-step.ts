// What a reader was given of the step that is under way, for where some of it is not in the store yet: who comes back after
// a crash cannot know what became of it, so all of it is void and given again.
import type { Entry } from '../journal/entry.ts';
import { attemptNumber } from '../journal/key.ts';
import type { AttemptKey } from '../journal/key.ts';
import { cursorText, startOf } from './cursor.ts';
import type { Position, ReadPlace, StreamOrder } from './cursor.ts';
import type { ResetItem } from './stream-item.ts';

export class UnsettledStep {
  readonly #attempts = new Map<AttemptKey, string>();
  #place: ReadPlace;

  constructor(order: StreamOrder) {
    this.#place = { position: startOf(order), unsettled: [] };
  }

  /** Where who comes back begins, and what is void then. */
  get place(): ReadPlace {
    return this.#place;
  }

  gave(at: AttemptKey, node: string): void {
    if (this.#attempts.has(at)) return;
    this.#attempts.set(at, node);
    this.#place = { position: this.#place.position, unsettled: [...this.#attempts] };
  }

  /** A step of the run itself is in the store, with all that was given of it. */
  committed(position: Position): void {
    this.#attempts.clear();
    this.#place = { position, unsettled: [] };
  }
}

/** What a reader is told that comes back to the step behind this entry; nothing where that is another one. */
export function resetsAt(
  entry: Entry,
  place: number,
  given: ReadPlace | undefined,
  runId: string,
): readonly ResetItem[] {
  if (given === undefined || given.unsettled.length === 0) return [];
  const { position, unsettled } = given;
  const isThere =
    position.order === 'arrival' ? position.place === place : entry.kind === 'commit' && entry.at === position.at;
  if (!isThere) return [];
  const time = 'time' in entry.observed ? entry.observed.time : 0;
  return unsettled.map(([key, node], index) => ({
    kind: 'reset',
    // Who goes away between two of them is told the rest.
    cursor: cursorText(runId, position, unsettled.slice(index + 1)),
    key,
    node,
    attempt: attemptNumber(key),
    time,
    from: 0,
  }));
}
