// Which worker may drive a run, the same in every store.
import type { DrivenGraph } from '../port/workers.ts';

export interface DrivenRun {
  readonly graph: string;
  /** Undefined of a run that an older release began: anybody may try. */
  readonly fingerprint: string | undefined;
  /** Fingerprints of graphs that cannot drive it. */
  readonly refused: readonly string[];
}

/** Whether a worker with these graphs may drive the run, beside the graphs of all live workers. */
export function mayDrive(run: DrivenRun, graphs: readonly DrivenGraph[], live: readonly DrivenGraph[]): boolean {
  const able = (those: readonly DrivenGraph[]): readonly DrivenGraph[] =>
    those.filter(({ name, fingerprint }) => name === run.graph && !run.refused.includes(fingerprint));
  const has = (those: readonly DrivenGraph[]): boolean =>
    able(those).some(({ fingerprint }) => fingerprint === run.fingerprint);
  if (able(graphs).length === 0) return false;
  return run.fingerprint === undefined || has(graphs) || !has(live);
}

/** Whether none of the live workers may. */
export function isStranded(run: DrivenRun, live: readonly DrivenGraph[]): boolean {
  return !mayDrive(run, live, live);
}
