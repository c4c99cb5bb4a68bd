// Tells readers on other machines that a run has grown.
//   N1. Only runs that somebody reads are told of: a reader leaves in the run's row until when it reads.
//   N2. It is told outside of the commit, which a notification inside would put in a line with all others of the database.
//   N3. A notification that is lost costs a reader a second, and never an entry.
import type { Watch } from '../../../port/store.ts';
import { nextTurn, pauseInBackground } from '../../row/pause.ts';
import { newNonce, storedName } from '../row/names.ts';
import type { Server, Statement } from './server.ts';

/** How long a reader is told of growth after it has said that it reads, and how often it says so. */
const readMs = 60_000;
const sayMs = 20_000;
/** How long it takes until a connection that was lost is replaced. */
const againMs = 1_000;

const say: Statement = {
  name: 'watch',
  text: (s) =>
    `UPDATE ${s}.run SET watched_until = statement_timestamp() + $2 * interval '1 millisecond' WHERE id = ANY ($1::text[])`,
};

/** A longer id does not fit: then all readers look. */
const tell: Statement = {
  name: 'tell',
  text: () => `SELECT pg_notify($1, CASE WHEN octet_length(t.id) > 7000 THEN '' ELSE t.id END)
    FROM unnest($2::text[]) AS t (id)`,
};

export class Notifications {
  readonly #server: Server;
  readonly #heard = new Map<string, Set<() => void>>();
  readonly #telling = new Set<string>();
  #stopListening: (() => void) | undefined;
  /** What comes back shows that notifications come through: a pooler in transaction mode lets none through. */
  #probe = '';
  #isLive = false;
  #isRunning = false;

  constructor(server: Server) {
    this.#server = server;
  }

  watch(runId: string, onChange: () => void): Watch {
    const id = storedName(runId);
    const heard = this.#heard.get(id) ?? new Set();
    this.#heard.set(id, heard.add(onChange));
    let isSaid = false;
    void this.#say([id]).then((isWritten) => {
      isSaid = isWritten;
      // Nobody was told of what has grown until here.
      if (isWritten) onChange();
    });
    void this.#keepListening();
    const isLive = (): boolean => isSaid && this.#isLive;
    return {
      get isLive() {
        return isLive();
      },
      stop: () => {
        heard.delete(onChange);
        if (heard.size === 0 && this.#heard.get(id) === heard) this.#heard.delete(id);
        if (this.#heard.size === 0) this.#stop();
      },
    };
  }

  /** Runs that have grown, and that somebody reads. */
  tell(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const isFirst = this.#telling.size === 0;
    for (const id of ids) this.#telling.add(id);
    if (isFirst) void nextTurn().then(() => this.#send());
  }

  close(): void {
    this.#heard.clear();
    this.#stop();
  }

  async #send(): Promise<void> {
    const ids = [...this.#telling];
    this.#telling.clear();
    await this.#server.rows(tell, [this.#server.channel, ids]).catch(() => undefined);
  }

  async #say(ids: readonly string[]): Promise<boolean> {
    return this.#server.rows(say, [ids, readMs]).then(
      () => true,
      () => false,
    );
  }

  /** One at a time, for as long as anything is watched. */
  async #keepListening(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let restMs = 0; this.#heard.size > 0 && !this.#server.isClosed; ) {
      if (this.#stopListening === undefined) await this.#listen();
      await pauseInBackground(againMs);
      restMs += againMs;
      if (restMs < sayMs) continue;
      restMs = 0;
      await this.#say([...this.#heard.keys()]);
    }
    this.#isRunning = false;
    this.#stop();
  }

  async #listen(): Promise<void> {
    try {
      this.#stopListening = await this.#server.listen(
        (id) => this.#hear(id),
        () => {
          this.#isLive = false;
          this.#stopListening = undefined;
        },
      );
      this.#probe = newNonce();
      await this.#server.rows(tell, [this.#server.channel, [this.#probe]]);
    } catch {
      // It is tried again a second later, and until then readers look by themselves.
      this.#stop();
    }
  }

  #hear(id: string): void {
    if (id === this.#probe) {
      // What was written before is told now: until here its readers were deaf.
      this.#isLive = true;
      for (const heard of this.#heard.values()) for (const onChange of heard) onChange();
      return;
    }
    const all = id === '' ? [...this.#heard.values()] : [this.#heard.get(id) ?? []];
    for (const heard of all) for (const onChange of [...heard]) onChange();
  }

  #stop(): void {
    this.#isLive = false;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
