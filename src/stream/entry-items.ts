// Turns entries of a journal, in the order in which they were written, into what a reader is given of them.
//   E1. Of an attempt: its chunks in order, a `reset` where some are void, `node-done` where it is done.
//   E2. An attempt that fails makes the chunks of the inner runs in it void as well.
import type { GraphDescription, StateDescription } from '../journal/description.ts';
import type { ChunkEntry, EndEntry, Entry, OutcomeEntry } from '../journal/entry.ts';
import { attemptNumber, keyNumbers } from '../journal/key.ts';
import type { AttemptKey } from '../journal/key.ts';
import { Accumulator } from './accumulator.ts';
import type { ChunkItem, NodeDoneItem, ResetItem } from './stream-item.ts';

/** An item that does not know its cursor yet; what a chunk's delta has come to is made when somebody looks. */
export type BareItem =
  | (Omit<ChunkItem, 'cursor' | 'delta'> & { readonly chunks: Accumulator })
  | Omit<ResetItem, 'cursor'>
  | Omit<NodeDoneItem, 'cursor'>;

interface OpenAttempt {
  readonly at: AttemptKey;
  readonly node: string;
  isDone: boolean;
  readonly chunks: Accumulator;
}

export class EntryItems {
  #graph: GraphDescription | undefined;
  /** Attempts with chunks, of the step that is under way. */
  readonly #open = new Map<string, OpenAttempt>();

  /** The items of an entry. Chunks one by one, so that no more of them is held than a reader asks for. */
  *of(entry: Entry): Generator<BareItem> {
    switch (entry.kind) {
      case 'run':
        this.#graph = entry.graph;
        return;
      case 'chunk':
        yield* this.#chunks(entry);
        return;
      case 'outcome':
        yield* this.#outcome(entry);
        return;
      case 'commit':
        if (!entry.at.includes('/')) this.#open.clear();
        return;
      case 'end':
        yield* this.#end(entry);
        return;
      default:
    }
  }

  *#chunks({ at, node, ordinal, deltas }: ChunkEntry): Generator<BareItem> {
    let attempt = this.#open.get(at);
    if (attempt === undefined) {
      attempt = { at, node, isDone: false, chunks: new Accumulator(at.includes('/') ? undefined : this.#state) };
      this.#open.set(at, attempt);
    }
    const { chunks } = attempt;
    if (ordinal < chunks.count) {
      yield this.#reset(attempt, ordinal);
      chunks.truncate(ordinal);
    }
    const number = attemptNumber(at);
    for (const chunk of deltas) {
      const place = chunks.count;
      chunks.add(chunk);
      yield { kind: 'chunk', key: at, node, attempt: number, ordinal: place, chunk, chunks };
    }
  }

  *#outcome({ at, node, result }: OutcomeEntry): Generator<BareItem> {
    const attempt = this.#open.get(at);
    if (result.status === 'done') {
      if (attempt !== undefined) attempt.isDone = true;
      const item: Omit<NodeDoneItem, 'cursor'> = {
        kind: 'node-done',
        key: at,
        node,
        attempt: attemptNumber(at),
        delta: result.delta,
      };
      yield item;
      return;
    }
    for (const open of [...this.#open.values()])
      if (open.at === at || open.at.startsWith(`${at}/`)) yield* this.#void(open);
  }

  /** What is not part of the run's canonical journal is void: open attempts, and ranks above the failing one. */
  *#end({ end }: EndEntry): Generator<BareItem> {
    if (end.status === 'done') return;
    const failedRank = end.status === 'failed' && end.task !== undefined ? keyNumbers(end.task)[1] : undefined;
    for (const open of [...this.#open.values()])
      if (!open.isDone || failedRank === undefined || (keyNumbers(open.at)[1] ?? 0) > failedRank)
        yield* this.#void(open);
  }

  *#void(open: OpenAttempt): Generator<BareItem> {
    this.#open.delete(open.at);
    if (open.chunks.count > 0) yield this.#reset(open, 0);
  }

  #reset({ at, node }: OpenAttempt, from: number): Omit<ResetItem, 'cursor'> {
    return { kind: 'reset', key: at, node, attempt: attemptNumber(at), from };
  }

  get #state(): StateDescription | undefined {
    return this.#graph?.state;
  }
}
