// Writes a run's journal. Entries gather here until something outside could come to depend on them: before a request
// goes out, before a step is reported, before a sink is told. Then all that gathered is one atomic append.
import type { RunCheckpoint } from '../journal/checkpoint.ts';
import type { Entry } from '../journal/entry.ts';
import type { CancelRequest, Later, Lease, Release, RunStore } from '../port/store.ts';

export class JournalWriter {
  readonly #store: RunStore;
  readonly #lease: Lease;
  #pending: Entry[] = [];
  #writing: Promise<void> | undefined;

  /** What was added is in the store now. */
  onAppended: () => void = () => undefined;
  /** Somebody asked for the run to be cancelled; said with every write until it is over. */
  onCancel: (request: CancelRequest) => void = () => undefined;

  constructor(store: RunStore, lease: Lease) {
    this.#store = store;
    this.#lease = lease;
  }

  add(entry: Entry): void {
    this.#pending.push(entry);
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
    const written = this.#store.append(
      this.#lease,
      entries,
      entries.at(-1)?.kind === 'commit' ? checkpoint : undefined,
    );
    if (!(written instanceof Promise)) {
      this.onAppended();
      if (written !== undefined) this.onCancel(written);
      return undefined;
    }
    this.#writing = written
      .then((cancel) => {
        this.onAppended();
        if (cancel !== undefined) this.onCancel(cancel);
      })
      .finally(() => {
        this.#writing = undefined;
      });
    return this.#writing;
  }

  async release(release: Release): Promise<void> {
    await this.flush();
    await this.#store.release(this.#lease, release);
  }
}
