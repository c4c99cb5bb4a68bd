// The door `reprise/record`.
export { checkFixturePlace, exportRun, exportRunTo, fixtureFolder, previewRedaction, saveRun } from './export-run.ts';
export type { NamedFinder, RedactOptions, SecretFinder } from '../journal/redact/rule/redaction-rules.ts';
export type { ExportOptions } from '../store/fixture/write-fixture.ts';
export type { ExportToOptions, SavedFixture } from './export-run.ts';
export type { RedactedPlace } from '../store/fixture/redacted-run.ts';
export { knownCredentials } from './known-credentials.ts';
export type { KnownCredentials } from './known-credentials.ts';
export { scanFixture } from '../store/fixture/scan-fixture.ts';
export type { FoundInFixture } from '../store/fixture/scan-fixture.ts';
export { copyRuns } from './copy-runs.ts';
export type { CopiedRuns } from './copy-runs.ts';
export { unreachedPaths } from '../store/fixture/unreached-paths.ts';
export { redactStore } from './redact-store.ts';
export { scrubFixture, scrubRuns } from './scrub.ts';
export type { Scrubbed } from '../store/fixture/scrub-fixture.ts';
export type { ScrubbedRuns } from './scrub-runs.ts';
export { recordRun } from './record-run.ts';
export type { RecordedRun, RecordRunOptions } from './record-run.ts';
