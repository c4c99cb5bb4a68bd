// Writes the journal of a run. Entries gather here until something outside could depend on them: before a request is
// sent, a step is reported or a sink is called. Then everything gathered is one atomic append.
//   W1. One append at a time, so that entries reach the store in their order.
//   W2. Only chunks that the store holds are dropped.
//   W3. What was refused is written again from its old place, so that a store which had written it without saying so
//       does not hold it twice.
import { assert } from '../../../base/assert.ts';
import type { RunCheckpoint } from '../../../journal/run/checkpoint.ts';
import { isMark, isProgress } from '../../../journal/entry.ts';
import type { Entry } from '../../../journal/entry.ts';
import { withoutChunks } from '../../../journal/run/without-bodies.ts';
import { currentAttempt, outsideAttempts } from '../../../port/attempt.ts';
import type { CancelRequest, Later, Lease, PlacedChunks, Release, RunStore } from '../../../port/store.ts';

export interface WriterSetup {
  readonly store: RunStore;
  readonly lease: Lease;
  /** How many entries of the run the store holds already. */
  readonly storedCount: number;
  /** Otherwise chunks are dropped when their step is committed. */
  readonly keepsChunks: boolean;
  /** The entries that were added are in the store now. */
  readonly onAppended: () => void;
  /** The run is to be cancelled. Repeated with every write until the run is over. */
  readonly onCancel: (request: CancelRequest) => void;
}

/** idle → writing → idle (W1). */
type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'writing'; readonly entries: readonly Entry[]; readonly written: Promise<void> };

export class JournalWriter {
  readonly #setup: WriterSetup;
  #pending: Entry[] = [];
  #state: State = { kind: 'idle' };
  #storedCount: number;
  /** The entries that were stored last, for readers that follow closely. */
  #recent: readonly Entry[] = [];
  /** There is a pending entry that must be durable before what it says begins. */
  #isMarked = false;
  #hasProgressed = false;
  #beforeWrite: () => void = () => undefined;
  /** The entries that will replace those with the chunks of the open step. */
  #dropped: PlacedChunks[] | undefined;

  constructor(setup: WriterSetup) {
    this.#setup = setup;
    this.#storedCount = setup.storedCount;
    this.#dropped = setup.keepsChunks ? undefined : [];
  }

  add(entry: Entry): void {
    this.#pending.push(entry);
    if (isMark(entry)) this.#isMarked = true;
  }

  get isMarked(): boolean {
    return this.#isMarked;
  }

  /** Whether the store was given anything that shows the run to be further than before. */
  get hasProgressed(): boolean {
    return this.#hasProgressed;
  }

  isStored(place: number): boolean {
    return place < this.#storedCount;
  }

  /** The entries from this place on that the store does not hold yet; none if it holds that place. */
  tail(place: number): readonly Entry[] {
    const from = place - this.#storedCount;
    if (from < 0) return [];
    const underway = this.#state.kind === 'writing' ? this.#state.entries : [];
    return from >= underway.length
      ? this.#pending.slice(from - underway.length)
      : [...underway.slice(from), ...this.#pending];
  }

  /** The entries from this place on that the store holds; nothing if it has to be asked for them. */
  recent(place: number): readonly Entry[] | undefined {
    const from = place - (this.#storedCount - this.#recent.length);
    return from < 0 ? undefined : this.#recent.slice(from);
  }

  /**
   * Everything added so far is in the store when this returns, or when the promise that it returns resolves.
   * `checkpoint`: folds the run up to here, if the last entry added is a commit of the run itself.
   */
  flush(checkpoint?: () => RunCheckpoint): Later<void> {
    if (this.#state.kind === 'writing') return this.#state.written.then(() => this.flush(checkpoint));
    if (this.#pending.length === 0) return undefined;
    return this.#write(checkpoint);
  }

  /** Called when entries are about to be written, which may be later than it was asked for: it may add some. */
  beforeWrite(gather: () => void): void {
    this.#beforeWrite = gather;
  }

  /** Writes what is pending, or nothing: either way the store checks that the run is still this process's. */
  confirm(): Later<void> {
    return this.#state.kind === 'writing' ? this.#state.written.then(() => this.confirm()) : this.#write(undefined);
  }

  #write(checkpoint: (() => RunCheckpoint) | undefined): Later<void> {
    this.#beforeWrite();
    const entries = this.#pending;
    this.#pending = [];
    this.#isMarked = false;
    const appended = this.#append(entries, entries.at(-1)?.kind === 'commit' ? checkpoint : undefined);
    if (appended instanceof Promise) return this.#whileWriting(entries, appended);
    this.#stored(entries);
    if (appended !== undefined) this.#setup.onCancel(appended);
    return undefined;
  }

  #append(entries: readonly Entry[], checkpoint: (() => RunCheckpoint) | undefined): Later<CancelRequest | undefined> {
    const { store, lease } = this.#setup;
    try {
      // What a store does is not done by the node whose effect made it write.
      return currentAttempt.getStore() === undefined
        ? store.append(lease, entries, checkpoint, this.#storedCount)
        : appendOutside(store, lease, entries, checkpoint, this.#storedCount);
    } catch (thrown) {
      this.#takeBack(entries);
      throw thrown;
    }
  }

  /** The store refused the entries: they are pending again, in their old places. */
  #takeBack(entries: readonly Entry[]): void {
    this.#pending = [...entries, ...this.#pending];
    this.#isMarked = this.#pending.some(isMark);
  }

  #whileWriting(entries: readonly Entry[], appended: Promise<CancelRequest | undefined>): Promise<void> {
    const written = appended.then(
      (cancel) => {
        this.#state = { kind: 'idle' };
        this.#stored(entries);
        if (cancel !== undefined) this.#setup.onCancel(cancel);
      },
      (thrown: unknown) => {
        this.#state = { kind: 'idle' };
        this.#takeBack(entries);
        throw thrown;
      },
    );
    assert(this.#state.kind === 'idle', 'W1: one append at a time');
    this.#state = { kind: 'writing', entries, written };
    return written;
  }

  /** Drops the chunks of a committed step, since its deltas hold what they add up to. */
  dropChunks(): Later<void> {
    const chunks = this.#dropped ?? [];
    const last = chunks.at(-1);
    if (last === undefined) return undefined;
    assert(this.isStored(last.place), 'W2: chunks are stored before they are dropped');
    this.#dropped = [];
    this.#recent = [];
    return this.#setup.store.dropChunks?.(this.#setup.lease, chunks);
  }

  #stored(entries: readonly Entry[]): void {
    if (this.#dropped !== undefined)
      for (const [index, entry] of entries.entries())
        if (entry.kind === 'chunk')
          this.#dropped.push({ place: this.#storedCount + index, entry: withoutChunks(entry) });
    this.#hasProgressed ||= entries.some(isProgress);
    this.#storedCount += entries.length;
    this.#recent = entries;
    this.#setup.onAppended();
  }

  async release(release: Release): Promise<void> {
    await this.flush();
    await this.#setup.store.release(this.#setup.lease, release);
  }
}

/** A function of its own: the closure would be made for each step. */
function appendOutside(
  ...[store, ...given]: [RunStore, ...Parameters<RunStore['append']>]
): ReturnType<RunStore['append']> {
  return outsideAttempts(() => store.append(...given));
}
