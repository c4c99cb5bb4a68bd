// The door `reprise/record`.
export { checkFixturePlace, exportRun, exportRunTo, fixtureFolder, saveRun } from './export-run.ts';
export type { ExportOptions } from '../store/fixture/write-fixture.ts';
export type { ExportToOptions, SavedFixture } from './export-run.ts';
export { recordRun } from './record-run.ts';
export type { RecordedRun, RecordRunOptions } from './record-run.ts';
