// The few things that the store needs of the package pg, and how it is loaded: only when a store is used.
import { createRequire } from 'node:module';
import { RepriseError, messageOf } from '../../../base/error.ts';
import { ownAddress } from '../../../base/own-address.ts';
import { listen } from './listening.ts';
import type { Channel, ListenedPool } from './listening.ts';

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
  /** Hears what is told on a channel, over a connection that all who listen share; undefined for a pool that cannot. */
  readonly listen?: (channel: Channel, heard: (payload: string) => void, lost: () => void) => Promise<() => void>;
  /** How many wait for a connection, where the pool says so. */
  readonly waitingCount?: () => number;
  close(): Promise<void>;
}

interface PgPool extends ListenedPool {
  readonly waitingCount?: number;
  readonly options?: { readonly max?: number };
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
    ...(mayListen(pool) ? { listen: (channel, heard, lost) => listen(pool, channel, { heard, lost }) } : {}),
    waitingCount: () => pool.waitingCount ?? 0,
    close,
  };
}

/** That would take its only connection from those who ask. */
function mayListen({ options }: PgPool): boolean {
  return (options?.max ?? Number.POSITIVE_INFINITY) > 1;
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
