// What a reader of a run is given.
import type { Value } from '../base/value.ts';
import type { AttemptKey } from '../journal/key.ts';
import type { Question } from '../journal/step/question.ts';

/** Where in a run an item belongs. */
interface ItemOrigin {
  /** Opaque. Give it to a later reader as `from`, and it starts right after this item. */
  readonly cursor: string;
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  /** When it happened, in milliseconds since 1970; 0 in a fixture without what was observed. */
  readonly time: number;
}

export interface ChunkItem extends ItemOrigin {
  readonly kind: 'chunk';
  /** 0, 1, … within the attempt. */
  readonly ordinal: number;
  /** What was yielded: a partial delta. */
  readonly chunk: Value;
  /**
   * All chunks of the attempt so far, folded as its fields fold them; of a field that only user code can fold, the last
   * one. Computed when it is asked for, and not part of the item's JSON.
   */
  readonly delta: Value;
}

/** Chunks that were given earlier are void: those of this attempt from this ordinal on. */
export interface ResetItem extends ItemOrigin {
  readonly kind: 'reset';
  readonly from: number;
}

/** The chunks of an attempt that is done were dropped: this is what all of them, seen or not, came to. */
export interface SnapshotItem extends ItemOrigin {
  readonly kind: 'snapshot';
  readonly delta: Value;
}

/** An attempt may run from here on: the first of a task, or a further one. */
export interface NodeStartItem extends ItemOrigin {
  readonly kind: 'node-start';
}

/** A node emitted an event. Those of an attempt that fails are shown as well. */
export interface EventItem extends ItemOrigin {
  readonly kind: 'event';
  readonly name: string;
  /** The stream that the node named; '' for the unnamed one. */
  readonly stream: string;
  /** The task inside the attempt that emitted it. */
  readonly task?: string;
  readonly data: Value;
}

/** A node asks people something. It can be answered from here on. */
export interface QuestionItem extends ItemOrigin {
  readonly kind: 'question';
  readonly question: Question;
}

/** An attempt is done: this is its delta. It becomes part of the state when its step commits. */
export interface NodeDoneItem extends ItemOrigin {
  readonly kind: 'node-done';
  readonly delta: Value;
}

/** The reader was too slow and was let go; the run continues. A new reader may start from the cursor. */
export interface DetachedItem {
  readonly kind: 'detached';
  readonly cursor: string;
}

export interface DoneItem<Run> {
  readonly kind: 'done';
  readonly cursor: string;
  readonly run: Run;
}

/** What a reader is given of the entries of a journal. */
export type JournalItem =
  | NodeStartItem
  | ChunkItem
  | ResetItem
  | SnapshotItem
  | EventItem
  | QuestionItem
  | NodeDoneItem;
export type StreamItem<Run> = JournalItem | DetachedItem | DoneItem<Run>;
