// Hears what is told on channels, over one connection of a pool: many stores may share a small pool, and each that took a
// connection to itself would take one from all of them.
//   L1. A pool gives away one connection at most for this, and never its only one.
//   L2. The connection listens for as long as anybody does. It goes back to nobody: it would still listen.

/** What is needed here of a client of the package pg. */
export interface ListeningClient {
  query(text: string): Promise<unknown>;
  on(event: 'notification', heard: (message: { readonly channel?: string; readonly payload?: string }) => void): void;
  on(event: 'error' | 'end', heard: () => void): void;
  release(isBroken: boolean): void;
}

/** And of its pool. */
export interface ListenedPool {
  /** One that knows only promises passes the callback over. */
  connect(got: (thrown: unknown, client: ListeningClient | undefined) => void): Promise<ListeningClient> | undefined;
}

/** `channel`: its name, and as it stands in statements. */
export interface Channel {
  readonly name: string;
  readonly quoted: string;
}

interface Hearer {
  readonly heard: (payload: string) => void;
  readonly lost: () => void;
}

const listenings = new WeakMap<ListenedPool, Listening>();

/** Resolves once it listens, with what ends that. `lost`: nothing is heard any more. @throws where nobody can be heard */
export function listen(pool: ListenedPool, channel: Channel, hearer: Hearer): Promise<() => void> {
  const listening = listenings.get(pool) ?? new Listening(pool);
  listenings.set(pool, listening);
  return listening.listen(channel, hearer);
}

class Listening {
  readonly #pool: ListenedPool;
  readonly #hearers = new Map<string, Set<Hearer>>();
  #connection: Connection | undefined;

  constructor(pool: ListenedPool) {
    this.#pool = pool;
  }

  async listen(channel: Channel, hearer: Hearer): Promise<() => void> {
    const hearers = this.#hearers.get(channel.name) ?? new Set();
    this.#hearers.set(channel.name, hearers.add(hearer));
    try {
      // A second time changes nothing.
      await this.#open().query(`LISTEN ${channel.quoted}`);
    } catch (thrown) {
      this.#leave(channel, hearer);
      throw thrown;
    }
    return () => this.#leave(channel, hearer);
  }

  #open(): Connection {
    if (this.#connection !== undefined) return this.#connection;
    const connection = new Connection(
      (channel, payload) => this.#hear(channel, payload),
      () => this.#lose(connection),
    );
    this.#connection = connection;
    connection.open(this.#pool);
    return connection;
  }

  #hear(channel: string, payload: string): void {
    for (const { heard } of [...(this.#hearers.get(channel) ?? [])]) heard(payload);
  }

  #leave({ name, quoted }: Channel, hearer: Hearer): void {
    const hearers = this.#hearers.get(name);
    if (hearers?.delete(hearer) !== true || hearers.size > 0) return;
    this.#hearers.delete(name);
    const connection = this.#connection;
    if (this.#hearers.size > 0) return void connection?.query(`UNLISTEN ${quoted}`).catch(() => undefined);
    this.#connection = undefined;
    connection?.end();
  }

  #lose(connection: Connection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    const all = [...this.#hearers.values()].flatMap((hearers) => [...hearers]);
    this.#hearers.clear();
    for (const { lost } of all) lost();
  }
}

class Connection {
  readonly #heard: (channel: string, payload: string) => void;
  readonly #lost: () => void;
  #client: Promise<ListeningClient> | undefined;
  #isOver = false;

  constructor(heard: (channel: string, payload: string) => void, lost: () => void) {
    this.#heard = heard;
    this.#lost = lost;
  }

  open(pool: ListenedPool): void {
    this.#client = connected(pool, (client) => {
      if (this.#release(client)) this.#lost();
    });
    this.#client.then(
      (client) => client.on('notification', ({ channel = '', payload = '' }) => this.#heard(channel, payload)),
      this.#lost,
    );
  }

  async query(text: string): Promise<void> {
    await (await this.#client)?.query(text);
  }

  end(): void {
    this.#client?.then(
      (client) => this.#release(client),
      () => undefined,
    );
  }

  /** Once: it may fail in several ways, and after it was released. */
  #release(client: ListeningClient): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    client.release(true);
    return true;
  }
}

/**
 * Somebody hears of its errors as soon as it is there: a server that ends may say so in the packet by which it lets the client
 * in, and an error that nobody hears ends the process.
 */
function connected(pool: ListenedPool, onFailed: (client: ListeningClient) => void): Promise<ListeningClient> {
  return new Promise((resolve, reject) => {
    const got = (client: ListeningClient): void => {
      client.on('error', () => onFailed(client));
      client.on('end', () => onFailed(client));
      resolve(client);
    };
    pool.connect((thrown, client) => (client === undefined ? reject(thrown as Error) : got(client)))?.then(got, reject);
  });
}
