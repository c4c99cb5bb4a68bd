// The door `reprise/diff`.
export { compareRuns } from './compare-runs.ts';
export type { CompareRunsOptions, Comparison, RunView } from './compare-runs.ts';
export type { Divergence, DivergenceKind } from './divergence.ts';
export type { ComparedCounts } from './divergence-log.ts';
