// Why a server takes no writes: whether it is worth waiting for, and what is to be done about it.
import { RepriseError } from '../../../base/error.ts';
import type { OpenPool } from './pool.ts';

/**
 * `following`: a replica that gets what its primary writes. `waiting`: one that hears of no primary, and may be about to take its
 * place. `set`: no replica, but set to be read only.
 */
export type ReadOnlyCause = 'following' | 'waiting' | 'set';

const look = {
  name: undefined,
  text: `SELECT pg_is_in_recovery() AS is_replica, EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AS is_following,
    current_setting('default_transaction_read_only') AS read_only`,
};

/** Undefined if it takes writes by now, or does not say. */
export async function readOnlyCause(pool: OpenPool): Promise<ReadOnlyCause | undefined> {
  try {
    const [row] = await pool.query(look, []);
    if (row?.is_replica === true) return row.is_following === true ? 'following' : 'waiting';
    return row?.read_only === 'on' ? 'set' : undefined;
  } catch {
    return undefined;
  }
}

const causes: Readonly<Record<ReadOnlyCause, readonly [what: string, nextStep: string]>> = {
  following: [
    'it is a replica, which follows another server',
    'Give the address of the primary. Commands and programs that only read may use the replica.',
  ],
  waiting: [
    'it is a replica, which hears of no primary and has not taken its place',
    'Promote it, or give the address of the primary.',
  ],
  set: [
    'default_transaction_read_only is on',
    'Turn it off for this role or database, or in the address, or give the address of a server that takes writes.',
  ],
};

export function readOnlyError(thrown: unknown, shown: string, cause: ReadOnlyCause | undefined): RepriseError {
  const [what, nextStep] = cause === undefined ? [undefined, 'Connect to the primary server.'] : causes[cause];
  return new RepriseError(
    'store-read-only',
    `the store ${shown} takes no writes${what === undefined ? '' : `: ${what}`}`,
    {
      nextStep,
      cause: thrown,
      fields: { store: shown, postgres: '25006' },
    },
  );
}

/** Somebody may sit in front of it: it is said before patience is over. */
export function warnOfReplica(shown: string, patienceMs: number): void {
  const until = Number.isFinite(patienceMs) ? ` for ${patienceMs / 1_000} s` : '';
  process.emitWarning(
    `the store ${shown} takes no writes: ${causes.following[0]}. It is waited for${until}, in case it takes the place of that one`,
    { code: 'REPRISE_REPLICA' },
  );
}
