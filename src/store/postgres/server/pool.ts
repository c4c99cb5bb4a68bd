// The few things that the store needs of the package pg, and how it is loaded: only when a store is used.
import { createRequire } from 'node:module';
import { RepriseError, messageOf } from '../../../base/error.ts';
import { ownAddress } from '../../../base/own-address.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A pool of connections of yours: that of the package pg, or anything that queries in the same way. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** A pool as the store uses it. */
export interface OpenPool {
  /** With a name, the server keeps the statement and its plan, if the pool can do that. */
  query(
    statement: { readonly text: string; readonly name: string | undefined },
    values: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** Runs several statements as one transaction. */
  script(text: string): Promise<void>;
  /** Hears what is told on a channel, over a connection of its own; undefined for a pool that cannot. */
  readonly listen?: (channel: string, heard: (payload: string) => void, lost: () => void) => Promise<() => void>;
  /** How many wait for a connection, where the pool says so. */
  readonly waitingCount?: () => number;
  close(): Promise<void>;
}

interface PgClient {
  query(text: string): Promise<unknown>;
  on(event: 'notification', heard: (message: { readonly payload?: string }) => void): void;
  on(event: 'error' | 'end', heard: () => void): void;
  release(isBroken: boolean): void;
}

interface PgPool {
  readonly waitingCount?: number;
  readonly options?: { readonly max?: number };
  /** One that knows only promises passes the callback over. */
  connect(got: (thrown: unknown, client: PgClient | undefined) => void): Promise<PgClient> | undefined;
  query(config: {
    readonly text: string;
    readonly values: unknown[];
    readonly name?: string;
  }): Promise<{ readonly rows: readonly Row[] }>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error', heard: () => void): void;
}

type NewPool = new (settings: Readonly<Record<string, unknown>>) => PgPool;

export interface PoolSettings {
  readonly url: string;
  readonly max: number;
  /** After so long a connection or a statement that does not answer counts as lost. */
  readonly silenceMs: number;
}

/** @throws RepriseError `peer-missing` */
export function openPool({ url, max, silenceMs }: PoolSettings, load: () => unknown = requirePg): OpenPool {
  const pool = new (loadedPool(load))({
    connectionString: url,
    max,
    connectionTimeoutMillis: silenceMs,
    query_timeout: silenceMs,
    keepAlive: true,
    application_name: 'reprise',
  });
  // A connection that is lost while nobody uses it; the next statement opens another.
  pool.on('error', () => undefined);
  return opened(pool, () => pool.end());
}

/** A pool of the user's own: it is never closed here. */
export function givenPool(pool: PostgresPool): OpenPool {
  if (isPgPool(pool)) return opened(pool, async () => undefined);
  return {
    query: async ({ text }, values) => (await pool.query(text, [...values])).rows as readonly Row[],
    script: async (text) => {
      const { exec } = pool as { readonly exec?: (text: string) => Promise<unknown> };
      await (exec === undefined ? pool.query(text) : exec.call(pool, text));
    },
    close: async () => undefined,
  };
}

function opened(pool: PgPool, close: () => Promise<void>): OpenPool {
  return {
    query: async ({ text, name }, values) =>
      (await pool.query({ text, values: [...values], ...(name === undefined ? {} : { name }) })).rows,
    script: async (text) => void (await pool.query(text)),
    // It keeps a connection to itself, and never the only one.
    ...(mayListen(pool) ? { listen: (channel, heard, lost) => listen(pool, channel, heard, lost) } : {}),
    waitingCount: () => pool.waitingCount ?? 0,
    close,
  };
}

function mayListen({ options }: PgPool): boolean {
  return (options?.max ?? Number.POSITIVE_INFINITY) > 1;
}

async function listen(
  pool: PgPool,
  channel: string,
  heard: (payload: string) => void,
  lost: () => void,
): Promise<() => void> {
  let isOver = false;
  const end = (ended: PgClient): void => {
    if (isOver) return;
    isOver = true;
    // It still listens, so nobody else gets it.
    ended.release(true);
  };
  const client = await connected(pool, (failed) => {
    if (isOver) return;
    end(failed);
    lost();
  });
  client.on('notification', ({ payload = '' }) => heard(payload));
  try {
    await client.query(`LISTEN ${channel}`);
  } catch (thrown) {
    end(client);
    throw thrown;
  }
  return () => end(client);
}

/**
 * Somebody hears of its errors as soon as it is there: a server that ends may say so in the packet by which it lets the client
 * in, and an error that nobody hears ends the process.
 */
function connected(pool: PgPool, onFailed: (client: PgClient) => void): Promise<PgClient> {
  return new Promise((resolve, reject) => {
    const got = (client: PgClient): void => {
      client.on('error', () => onFailed(client));
      client.on('end', () => onFailed(client));
      resolve(client);
    };
    pool.connect((thrown, client) => (client === undefined ? reject(thrown as Error) : got(client)))?.then(got, reject);
  });
}

function isPgPool(pool: object): pool is PgPool {
  const { connect, totalCount } = pool as { readonly connect?: unknown; readonly totalCount?: unknown };
  return typeof connect === 'function' && typeof totalCount === 'number';
}

function loadedPool(load: () => unknown): NewPool {
  try {
    return (load() as { readonly Pool: NewPool }).Pool;
  } catch (cause) {
    const isAbsent = (cause as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND';
    const what = isAbsent ? 'is not installed' : `cannot be loaded: ${messageOf(cause)}`;
    throw new RepriseError('peer-missing', `the PostgreSQL store needs the package pg, which ${what}`, {
      nextStep: 'npm install pg@8',
      cause,
    });
  }
}

function requirePg(): unknown {
  return createRequire(ownAddress)('pg');
}
