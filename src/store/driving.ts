// Which worker may drive a run, the same in every store.
import type { DrivenGraph, StrandedRun } from '../port/workers.ts';

export interface DrivenRun {
  readonly graph: string;
  /** Undefined of a run that an older release began: anybody may try. */
  readonly fingerprint: string | undefined;
  /** Fingerprints of graphs that cannot drive it, and the workers that leave it alone (`leftAloneBy`). */
  readonly refused: readonly string[];
}

/** A graph that a worker has. */
export interface LiveGraph extends DrivenGraph {
  readonly owner: string;
}

/** What stands before the owner of a worker that leaves a run alone. No fingerprint begins like this. */
export const workerMark = 'worker ';

export function leftAloneBy(owner: string): string {
  return `${workerMark}${owner}`;
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

/** Whether none of the live workers may and can. */
export function isStranded(run: DrivenRun, live: readonly LiveGraph[]): boolean {
  return !isForSomebody(
    run,
    live.filter(({ owner }) => !run.refused.includes(leftAloneBy(owner))),
  );
}

/** What is told of a run that is stranded. */
export function strandedOf(run: DrivenRun & { readonly runId: string }, live: readonly LiveGraph[]): StrandedRun {
  const { runId, graph, fingerprint } = run;
  return {
    runId,
    graph,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(isForSomebody(run, live) ? { isLeftAlone: true as const } : {}),
  };
}

function isForSomebody(run: DrivenRun, live: readonly LiveGraph[]): boolean {
  return mayDrive(run, live, live);
}
