// Tells processes elsewhere what concerns them: that a run has grown, is due, or was sent something.
//   N1. Only runs that somebody reads are told of: a reader leaves in the run's row until when it reads.
//   N2. It is told outside of the commit, which a notification inside would put in a line with all others of the database.
//   N3. A notification that is lost costs its hearer a look, and never an entry.
import type { Sent, Watch, WatchTopic } from '../../../port/store.ts';
import { nextTurn, pauseInBackground } from '../../row/pause.ts';
import { nameOf, newNonce, storedName } from '../row/names.ts';
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

/**
 * What is longer does not fit: then all who hear of its kind look. It is told once its transaction is committed, and waits for
 * no disk: a server that crashes loses its hearers as well.
 */
const tell: Statement = {
  name: 'tell',
  text: () => `WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    SELECT pg_notify($1, CASE WHEN octet_length(t.topic) > 7000 THEN left(t.topic, 1) ELSE t.topic END)
    FROM soon, unnest($2::text[]) AS t (topic)`,
};

/** A topic as it is told: its kind, and the name as it is stored; that of an owner is followed by what was sent. */
export type Told = `${'r' | 'd' | 'o' | 'e'}${string}`;

/** A run has grown, or was released. `name`: as it is stored, as for the others. */
export const grown = (name: string): Told => `r${name}`;
/** A run of this graph is due. */
export const dueOf = (name: string): Told => `d${name}`;
/** A run of this owner was sent something. */
export const sentTo = (owner: string, run: string, what: Sent['what']): Told => `o${owner}\n${what[0]}${run}`;

/** An errand of this run has ended. */
export const errandOf = (name: string): Told => `e${name}`;

function toldOf(topic: WatchTopic): Told {
  if ('runId' in topic) return grown(storedName(topic.runId));
  if ('errandsOf' in topic) return errandOf(storedName(topic.errandsOf));
  return 'dueOf' in topic ? dueOf(storedName(topic.dueOf)) : `o${storedName(topic.owner)}`;
}

function sentIn(detail: string): Sent {
  return { runId: nameOf(detail.slice(1)), what: detail.startsWith('m') ? 'message' : 'cancel' };
}

type Heard = (sent?: Sent) => void;

export class Notifications {
  readonly #server: Server;
  readonly #heard = new Map<string, Set<Heard>>();
  readonly #telling = new Set<string>();
  /** What is said at the end of this turn, and whether it was. */
  #saying: { readonly topics: Set<Told>; readonly isWritten: Promise<boolean> } | undefined;
  /** Settles when what was given last has been told. */
  #told: Promise<void> = Promise.resolve();
  #stopListening: (() => void) | undefined;
  /** What comes back shows that notifications come through: a pooler in transaction mode lets none through. */
  #probe = '';
  #isLive = false;
  #isRunning = false;

  constructor(server: Server) {
    this.#server = server;
  }

  watch(topic: WatchTopic, onChange: Heard): Watch {
    const told = toldOf(topic);
    const heard = this.#heard.get(told) ?? new Set<Heard>();
    this.#heard.set(told, heard.add(onChange));
    let isSaid = !('runId' in topic);
    if (!isSaid)
      void this.#saySoon(told).then((isWritten) => {
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
        if (heard.size === 0 && this.#heard.get(told) === heard) this.#heard.delete(told);
      },
    };
  }

  /** What is said in one turn goes together: a process that begins to read a thousand runs says so once. */
  #saySoon(topic: Told): Promise<boolean> {
    this.#saying ??= {
      topics: new Set(),
      isWritten: nextTurn().then(() => {
        const topics = [...(this.#saying?.topics ?? [])];
        this.#saying = undefined;
        return this.#say(topics);
      }),
    };
    this.#saying.topics.add(topic);
    return this.#saying.isWritten;
  }

  /** What is told in one turn goes together. */
  tell(topics: readonly Told[]): void {
    if (topics.length === 0) return;
    const isFirst = this.#telling.size === 0;
    for (const topic of topics) this.#telling.add(topic);
    if (!isFirst) return;
    const before = this.#told;
    this.#told = nextTurn()
      .then(() => this.#send())
      .then(() => before);
  }

  /** What was let go of last is still told. */
  async close(): Promise<void> {
    this.#heard.clear();
    this.#stop();
    await this.#told;
  }

  async #send(): Promise<void> {
    const topics = [...this.#telling];
    this.#telling.clear();
    await this.#server.ask(tell, [this.#server.channel, topics], 0).catch(() => undefined);
  }

  async #say(topics: readonly string[]): Promise<boolean> {
    const names = topics.filter((topic) => topic.startsWith('r')).map((topic) => topic.slice(1));
    if (names.length === 0) return true;
    return this.#server.rows(say, [names, readMs]).then(
      () => true,
      () => false,
    );
  }

  /** One at a time, for as long as anything is watched and a little longer: runs that follow each other share it. */
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
        (topic) => this.#hear(topic),
        () => {
          this.#isLive = false;
          this.#stopListening = undefined;
        },
      );
      this.#probe = newNonce();
      await this.#server.rows(tell, [this.#server.channel, [this.#probe]]);
    } catch {
      // It is tried again a second later, and until then everybody looks by itself.
      this.#stop();
    }
  }

  #hear(topic: string): void {
    if (topic === this.#probe) {
      // What was told before was not heard.
      this.#isLive = true;
      for (const heard of [...this.#heard.values()]) for (const onChange of [...heard]) onChange();
      return;
    }
    const end = topic.startsWith('o') ? topic.indexOf('\n') : -1;
    const sent = end < 0 ? undefined : sentIn(topic.slice(end + 1));
    const watched = end < 0 ? topic : topic.slice(0, end);
    const isOfAll = topic.length === 1;
    for (const [told, heard] of isOfAll ? [...this.#heard] : [[watched, this.#heard.get(watched) ?? []] as const])
      if (told.startsWith(watched)) for (const onChange of [...heard]) onChange(sent);
  }

  #stop(): void {
    this.#isLive = false;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
