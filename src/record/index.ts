// The door `reprise/record`.
export { exportRun, exportRunTo } from './export-run.ts';
export type { ExportOptions, ExportToOptions } from './export-run.ts';
