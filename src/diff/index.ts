// The door `reprise/diff`.
export { divergenceClasses } from './cause/divergence-class.ts';
export type { ClassDescription, DivergenceClass } from './cause/divergence-class.ts';
export type { RootCause } from './cause/root-cause.ts';
export { compareRuns } from './compare-runs.ts';
export type { CompareRunsOptions, Comparison, RunView } from './compare-runs.ts';
export type { Divergence, DivergenceKind } from './divergence.ts';
export type { ComparedCounts } from './divergence-log.ts';
