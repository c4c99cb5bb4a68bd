// The door `reprise/sqlite`.
export type { PrunableStore, PruneQuery } from '../../port/store.ts';
export type { StoreCodec } from '../row/codec.ts';
export type { SqliteStoreOptions } from './options.ts';
export { sqliteStore } from './sqlite-store.ts';
export type { SqliteStore } from './sqlite-store.ts';
export type { VacuumOptions, VacuumResult } from './operation/vacuum.ts';
