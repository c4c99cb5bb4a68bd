// The door `reprise/sqlite`.
export { sqliteStore } from './sqlite-store.ts';
export type { SqliteStoreOptions } from './options.ts';
