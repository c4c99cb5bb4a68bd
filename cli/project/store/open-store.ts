// The store that `--store` or the config names: a file, or a PostgreSQL database by its address.
import { RepriseError } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import type { PrunableStore } from '../../../src/store/sqlite/index.ts';
import { postgresStore } from '../../../src/store/postgres/index.ts';
import type { PostgresStore } from '../../../src/store/postgres/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { partsNamedIn } from './parts-of-address.ts';
import { isServerAddress, shownAddress } from '../../terminal/words/server-address.ts';

/** A person waits, and nothing is lost if the server is not there. */
const readPatienceMs = 1_000;

/** Opened on first use. To be read, it is never created. */
export function openStore(place: string, mode: 'read' | 'write' = 'write'): PrunableStore {
  return isServerAddress(place) ? openServer(place, mode) : sqliteStore(place, { mode });
}

export function openServer(place: string, mode: 'read' | 'write'): PostgresStore {
  const { address, parts } = partsNamedIn(place);
  return postgresStore(address, {
    mode,
    ...(mode === 'read' ? { patienceMs: readPatienceMs } : {}),
    ...(parts === undefined ? {} : { parts }),
  });
}

/** What time it is for the runs of a store: that of its server, where it has one. */
export async function storeTimeOf(store: Pick<RunStore, 'time'>): Promise<number> {
  return (await store.time?.()) ?? Date.now();
}

/** Only files can be rewritten. @throws RepriseError `usage` */
export function checkIsFile(place: string, command: string): void {
  if (!isServerAddress(place)) return;
  throw new RepriseError(
    'usage',
    `${command} is about the file of a SQLite store, but ${shownAddress(place)} is a server`,
    {
      nextStep: 'Name a file. A server cleans up by itself, and what a run holds leaves it with `npx reprise delete`.',
    },
  );
}
