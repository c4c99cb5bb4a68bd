// The door `reprise/observe`.
export type { Entry } from '../journal/entry.ts';
export type { ModelPrice, PriceTable } from './price.ts';
export { usageOf } from './usage-of.ts';
export type { ModelUsage } from './usage-of.ts';
export { usageSummary } from './usage-summary.ts';
export type { UsageSummary, UsageTotal } from './usage-summary.ts';
