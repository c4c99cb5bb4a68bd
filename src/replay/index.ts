// The door `reprise/replay`.
export type { BodyCut } from './cut-bodies.ts';
export type { ReplayMode } from './fixture-world-options.ts';
export type { OutsideCall } from '../port/seal.ts';
export type { Traffic } from './replay-seal.ts';
export { installPlaceholders } from '../live/placeholders.ts';
export { sealProcess } from '../live/seal/process-seal.ts';
export type { SealedProcess } from '../live/seal/process-seal.ts';
export { fixtureStore } from './fixture-store.ts';
export { readFixture } from './read-fixture.ts';
export type { FixtureFacts } from './read-fixture.ts';
export { replay } from './replay.ts';
export type { Replayed } from './replay.ts';
export type { ReplayOptions } from './replay-options.ts';
export type { ReplayReport } from './replay-report.ts';
export type { Looks } from './looks.ts';
export { waysOfFixture, waysOfStored } from './ways-of-run.ts';
export { openRun } from './open-run.ts';
export type { OpenRun, RunSource } from './open-run.ts';
