// Writes a run's journal. Entries gather here until something outside could come to depend on them: before a request
// goes out, before a step is reported, before a sink is told. Then all that gathered is one atomic append.
import type { RunCheckpoint } from '../journal/checkpoint.ts';
import type { Entry } from '../journal/entry.ts';
import type { CancelRequest, Later, Lease, Release, RunStore } from '../port/store.ts';

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

  /** What was added is in the store now. */
  onAppended: () => void = () => undefined;
  /** Somebody asked for the run to be cancelled; said with every write until it is over. */
  onCancel: (request: CancelRequest) => void = () => undefined;

  /** `storedCount`: how many entries of the run the store has. */
  constructor(store: RunStore, lease: Lease, storedCount: number) {
    this.#store = store;
    this.#lease = lease;
    this.#storedCount = storedCount;
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

  #stored(entries: readonly Entry[]): void {
    this.#storedCount += entries.length;
    this.#underway = [];
    this.onAppended();
  }

  async release(release: Release): Promise<void> {
    await this.flush();
    await this.#store.release(this.#lease, release);
  }
}
