// What a reader of a run is given.
import type { Value } from '../base/value.ts';
import type { AttemptKey } from '../journal/key.ts';

/** Where in a run an item stands. */
interface ItemPlace {
  /** Give it to a later reader as `from`: it goes on behind this item. Opaque. */
  readonly cursor: string;
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  /** When it happened, in milliseconds since 1970; 0 in a fixture without what was observed. */
  readonly time: number;
}

export interface ChunkItem extends ItemPlace {
  readonly kind: 'chunk';
  /** 0, 1, … within the attempt. */
  readonly ordinal: number;
  /** What was yielded: a partial delta. */
  readonly chunk: Value;
  /**
   * All chunks of the attempt so far, folded as its fields do; of fields that only user code can fold, the last one. Made
   * when it is asked for, and not part of the item's JSON.
   */
  readonly delta: Value;
}

/** Chunks that were given before are void: those of this attempt, from this ordinal on. */
export interface ResetItem extends ItemPlace {
  readonly kind: 'reset';
  readonly from: number;
}

/** Chunks of an attempt that is done are not there any more: this is what all of them, seen or not, came to. */
export interface SnapshotItem extends ItemPlace {
  readonly kind: 'snapshot';
  readonly delta: Value;
}

/** An attempt is done: this is its delta. It becomes part of the state when its step is committed. */
export interface NodeDoneItem extends ItemPlace {
  readonly kind: 'node-done';
  readonly delta: Value;
}

/** The reader was too slow and is let go: a new one may go on from the cursor. The run goes on. */
export interface DetachedItem {
  readonly kind: 'detached';
  readonly cursor: string;
}

export interface DoneItem<Run> {
  readonly kind: 'done';
  readonly cursor: string;
  readonly run: Run;
}

/** What an entry of a journal gives to a reader. */
export type JournalItem = ChunkItem | ResetItem | SnapshotItem | NodeDoneItem;
export type StreamItem<Run> = JournalItem | DetachedItem | DoneItem<Run>;
