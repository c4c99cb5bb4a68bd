// Where a law keeps its runs: a schema each.
import type { NewPlace } from '../../src/explore/index.ts';
import type { PostgresPool } from '../../src/store/postgres/index.ts';
import { openedStore } from '../../src/store/postgres/postgres-store.ts';
import { postgresSettings } from '../../src/store/postgres/options.ts';
import type { PostgresStoreOptions } from '../../src/store/postgres/options.ts';

let count = 0;

export function schemaPlaces(pool: PostgresPool, options: PostgresStoreOptions = {}): NewPlace {
  return (now) => {
    const schema = `law_${process.pid}_${count++}`;
    return {
      connect: () => openedStore(pool, postgresSettings(pool, { ...options, schema }), now),
      remove: async () => void (await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)),
    };
  };
}
