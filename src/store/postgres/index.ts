// The door `reprise/postgres`.
export { folderParts } from '../parts/folder-parts.ts';
export { s3Parts } from '../parts/s3-parts.ts';
export type { S3PartsOptions } from '../parts/s3-parts.ts';
export type { PartStore } from '../../port/part-store.ts';
export type { PrunableStore, PruneQuery } from '../../port/store.ts';
export type { PostgresStoreOptions } from './options.ts';
export type { PostgresPool } from './server/pool.ts';
export type { OnMetric, StoreEventName, StoreGaugeName, StoreMetric } from './server/metrics.ts';
export type { OnOperation, StoreOperation } from './told-operations.ts';
export type { ServerWarning } from './server/safety.ts';
export { postgresStore } from './postgres-store.ts';
export type { PostgresStore } from './postgres-store.ts';
