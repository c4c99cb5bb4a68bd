// The door `reprise/observe`.
export type { Entry } from '../journal/entry.ts';
export { followStore } from './follow-store.ts';
export type { FollowOptions, StoreCursor, StorePosition } from './follow-store.ts';
export { jsonLog } from './json-log.ts';
export type { JsonLogOptions } from './json-log.ts';
export type { ModelPrice, PriceTable } from './price.ts';
export { usageOf } from './usage-of.ts';
export type { ModelUsage } from './usage-of.ts';
export { usageSummary } from './usage-summary.ts';
export type { UsageOptions, UsageSummary, UsageTotal } from './usage-summary.ts';
