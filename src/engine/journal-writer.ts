// Writes a run's journal. Entries gather here until something outside could come to depend on them: before a request
// goes out, before a step is reported, before a sink is told. Then all that gathered is one atomic append.
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

  /** Everything added until now is in the store when this returns, or when the promise that it returns resolves. */
  flush(): Later<void> {
    if (this.#writing !== undefined) return this.#writing.then(() => this.flush());
    if (this.#pending.length === 0) return undefined;
    const entries = this.#pending;
    this.#pending = [];
    const written = this.#store.append(this.#lease, entries);
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
