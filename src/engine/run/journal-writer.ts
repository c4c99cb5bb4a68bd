// Writes a run's journal. Entries gather here until something outside could come to depend on them: before a request
// goes out, before a step is reported, before a sink is told. Then all that gathered is one atomic append.
import { canonicalList } from '../../base/value.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
import type { ChunkEntry, Entry } from '../../journal/entry.ts';
import type { CancelRequest, Later, Lease, PlacedChunks, Release, RunStore } from '../../port/store.ts';

interface WriterSetup {
  /** How many entries of the run the store has. */
  readonly storedCount: number;
  /** Else they are let go when their step is committed. */
  readonly keepsChunks: boolean;
}

export class JournalWriter {
  readonly #store: RunStore;
  readonly #lease: Lease;
  #pending: Entry[] = [];
  /** On their way to the store. */
  #underway: readonly Entry[] = [];
  #writing: Promise<void> | undefined;
  #storedCount: number;
  /** Among what is pending is something that has to be known before it ends. */
  #isMarked = false;
  /** What is to stand in the place of chunks of the step that is under way. */
  #dropped: PlacedChunks[] | undefined;

  /** What was added is in the store now. */
  onAppended: () => void = () => undefined;
  /** Somebody asked for the run to be cancelled; said with every write until it is over. */
  onCancel: (request: CancelRequest) => void = () => undefined;

  constructor(store: RunStore, lease: Lease, { storedCount, keepsChunks }: WriterSetup) {
    this.#store = store;
    this.#lease = lease;
    this.#storedCount = storedCount;
    this.#dropped = keepsChunks ? undefined : [];
  }

  add(entry: Entry): void {
    this.#pending.push(entry);
    if (entry.kind === 'begin') this.#isMarked = true;
  }

  get isMarked(): boolean {
    return this.#isMarked;
  }

  isStored(place: number): boolean {
    return place < this.#storedCount;
  }

  /** What the store does not have yet of the journal, from this place on; nothing where it has that. */
  tail(place: number): readonly Entry[] {
    const from = place - this.#storedCount;
    if (from < 0) return [];
    const behind = from - this.#underway.length;
    return behind >= 0 ? this.#pending.slice(behind) : [...this.#underway.slice(from), ...this.#pending];
  }

  /**
   * Everything added until now is in the store when this returns, or when the promise that it returns resolves.
   * `checkpoint`: where the run stands, if a commit of its own is what was added last.
   */
  flush(checkpoint?: () => RunCheckpoint): Later<void> {
    if (this.#writing !== undefined) return this.#writing.then(() => this.flush(checkpoint));
    if (this.#pending.length === 0) return undefined;
    const entries = this.#pending;
    this.#pending = [];
    this.#underway = entries;
    this.#isMarked = false;
    const written = this.#store.append(
      this.#lease,
      entries,
      entries.at(-1)?.kind === 'commit' ? checkpoint : undefined,
    );
    if (!(written instanceof Promise)) {
      this.#stored(entries);
      if (written !== undefined) this.onCancel(written);
      return undefined;
    }
    this.#writing = written
      .then((cancel) => {
        this.#stored(entries);
        if (cancel !== undefined) this.onCancel(cancel);
      })
      .finally(() => {
        this.#writing = undefined;
      });
    return this.#writing;
  }

  /** The step is committed: its chunks are in its deltas. */
  dropChunks(): Later<void> {
    const chunks = this.#dropped ?? [];
    if (chunks.length === 0) return undefined;
    this.#dropped = [];
    return this.#store.dropChunks?.(this.#lease, chunks);
  }

  #stored(entries: readonly Entry[]): void {
    if (this.#dropped !== undefined)
      for (const [index, entry] of entries.entries())
        if (entry.kind === 'chunk')
          this.#dropped.push({ place: this.#storedCount + index, entry: withoutChunks(entry) });
    this.#storedCount += entries.length;
    this.#underway = [];
    this.onAppended();
  }

  async release(release: Release): Promise<void> {
    await this.flush();
    await this.#store.release(this.#lease, release);
  }
}

function withoutChunks(entry: ChunkEntry): ChunkEntry {
  return { ...entry, deltas: canonicalList([]), dropped: entry.deltas.length, observed: { times: [] } };
}
