// Turns entries of a journal, in the order in which they were written, into what a reader is given of them.
//   E1. Of an attempt: its chunks in order, a `reset` where some are void, `node-done` where it is done.
//       Where its chunks are not there any more, one `snapshot` before that.
//   E2. An attempt that fails makes the chunks of the inner runs in it void as well.
import type { Value } from '../base/value.ts';
import { Accumulator } from '../journal/fold/accumulator.ts';
import { isLimitError } from '../journal/canonical.ts';
import type { GraphDescription } from '../journal/description.ts';
import type { ChunkEntry, EndEntry, Entry, OutcomeEntry } from '../journal/entry.ts';
import { attemptNumber, keyNumbers } from '../journal/key.ts';
import type { AttemptKey } from '../journal/key.ts';
import type { NodeDoneItem, ResetItem, SnapshotItem } from './stream-item.ts';

/** Chunks in a row, of which each is an item. */
export interface ChunksInARow {
  readonly kind: 'chunks';
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  readonly ordinal: number;
  readonly deltas: readonly Value[];
  readonly times: readonly number[];
  readonly accumulator: Accumulator;
}

/** Places of items that are not given: of chunks that are not there any more, and of a snapshot that is not needed. */
export interface Gap {
  readonly kind: 'gap';
  readonly key: AttemptKey;
  readonly node: string;
  readonly count: number;
  /** How many of them are chunks. */
  readonly chunks: number;
}

/** Items that do not know their cursors yet. */
export type BareItem =
  | ChunksInARow
  | Gap
  | Omit<ResetItem, 'cursor'>
  | Omit<SnapshotItem, 'cursor'>
  | Omit<NodeDoneItem, 'cursor'>;

interface OpenAttempt {
  readonly at: AttemptKey;
  readonly node: string;
  isDone: boolean;
  /** Some of its chunks are not there any more. */
  isDropped: boolean;
  accumulator: Accumulator;
}

export class EntryItems {
  #graph: GraphDescription | undefined;
  /** Attempts with chunks, of the step that is under way. */
  readonly #open = new Map<string, OpenAttempt>();
  #ended: ReadonlySet<string> = new Set();

  /** `kept`: what stays of an attempt's chunks, where the entry makes others void and `lacks` says so. */
  of(entry: Entry, kept?: readonly Value[]): readonly BareItem[] {
    switch (entry.kind) {
      case 'run':
        this.#graph = entry.graph;
        return [];
      case 'chunk':
        return this.#chunks(entry, kept);
      case 'outcome':
        return this.#outcome(entry);
      case 'commit':
        if (!entry.at.includes('/')) this.#open.clear();
        return [];
      case 'edit':
        this.#graph = entry.graph ?? this.#graph;
        return [];
      case 'end':
        return this.#end(entry);
      default:
        return [];
    }
  }

  /** Whether it makes chunks void of which too many have gone by: then those that stay have to be given with it. */
  lacks({ at, ordinal }: ChunkEntry): boolean {
    const accumulator = this.#open.get(at)?.accumulator;
    return accumulator !== undefined && !accumulator.canTruncate(ordinal);
  }

  /** Attempts whose chunks became void as the run ended: if it is gone on with, what is left of them counts again. */
  takeEnded(): ReadonlySet<string> {
    const ended = this.#ended;
    this.#ended = new Set();
    return ended;
  }

  #chunks(
    { at, node, ordinal, deltas, dropped, observed }: ChunkEntry,
    kept: readonly Value[] | undefined,
  ): readonly BareItem[] {
    let attempt = this.#open.get(at);
    if (attempt === undefined) {
      attempt = { at, node, isDone: false, isDropped: false, accumulator: this.#accumulator(at) };
      this.#open.set(at, attempt);
    }
    if (dropped !== undefined) {
      attempt.isDropped = true;
      return [{ kind: 'gap', key: at, node, count: dropped, chunks: dropped }];
    }
    const isReset = ordinal < attempt.accumulator.count;
    if (kept !== undefined) {
      attempt.accumulator = this.#accumulator(at);
      for (const delta of kept) attempt.accumulator.add(delta);
    } else if (isReset) attempt.accumulator.truncate(ordinal);
    const { accumulator } = attempt;
    const { times } = observed;
    const chunks: BareItem = {
      kind: 'chunks',
      key: at,
      node,
      attempt: attemptNumber(at),
      ordinal,
      deltas,
      times,
      accumulator,
    };
    return isReset ? [this.#reset(attempt, ordinal, times[0] ?? 0), chunks] : [chunks];
  }

  #accumulator(at: AttemptKey): Accumulator {
    return new Accumulator(at.includes('/') ? undefined : this.#graph?.state);
  }

  #outcome({ at, node, result, observed }: OutcomeEntry): readonly BareItem[] {
    const attempt = this.#open.get(at);
    const time = observed.ended;
    if (result.status !== 'done') return this.#void(time, (open) => open.at === at || open.at.startsWith(`${at}/`));
    if (attempt !== undefined) attempt.isDone = true;
    const item = { key: at, node, attempt: attemptNumber(at), time, delta: result.delta };
    // What is done stands at the same place whether or not its chunks are there.
    const before: BareItem =
      attempt?.isDropped === true ? { kind: 'snapshot', ...item } : { kind: 'gap', key: at, node, count: 1, chunks: 0 };
    return [before, { kind: 'node-done', ...item }];
  }

  /** What is not part of the run's canonical journal is void: open attempts, and ranks above the failing one. */
  #end({ end, observed }: EndEntry): readonly BareItem[] {
    if (end.status === 'done') return [];
    // Where no task is to blame all that is done counts, unless a limit cut the step.
    const failedRank = end.status === 'failed' && !isLimitError(end.error) ? lastRankOf(end.task) : undefined;
    const isVoid = ({ at, isDone }: OpenAttempt): boolean =>
      !isDone || failedRank === undefined || (keyNumbers(at)[1] ?? 0) > failedRank;
    this.#ended = new Set([...this.#open.values()].filter(isVoid).map(({ at }) => at));
    return this.#void(observed.time, isVoid);
  }

  #void(time: number, isVoid: (attempt: OpenAttempt) => boolean): readonly BareItem[] {
    const attempts = [...this.#open.values()].filter(isVoid);
    for (const { at } of attempts) this.#open.delete(at);
    return attempts
      .filter(({ accumulator, isDropped }) => isDropped || accumulator.count > 0)
      .map((attempt) => this.#reset(attempt, 0, time));
  }

  #reset({ at, node }: OpenAttempt, from: number, time: number): BareItem {
    return { kind: 'reset', key: at, node, attempt: attemptNumber(at), time, from };
  }
}

function lastRankOf(task: string | undefined): number | undefined {
  return task === undefined ? Number.POSITIVE_INFINITY : keyNumbers(task)[1];
}
