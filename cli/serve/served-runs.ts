// What a server shows: the runs of a store, or those of a folder of fixtures.
import type { OpenRun } from '../../src/replay/index.ts';

export interface ServedRuns {
  /** What they are the runs of. */
  readonly title: string;
  readonly statuses: readonly string[];
  list(query: ServedQuery): Promise<ServedList>;
  /** Undefined if no run has this name. @throws RepriseError */
  open(name: string): Promise<ServedOpen | undefined>;
}

export interface ServedOpen {
  readonly opened: OpenRun;
  /** If it is paused. */
  readonly waitsFor: readonly string[];
}

export interface ServedQuery {
  /** Part of the name of a run or of its graph, in lower case. */
  readonly search: string;
  /** '' for all. */
  readonly status: string;
  /** The name of the last run of the page before. */
  readonly after?: string | undefined;
}

export interface ServedList {
  readonly runs: readonly ServedRun[];
  /** Whether there may be more after these. */
  readonly hasMore: boolean;
  /** The last run that was looked at, for a list that stopped looking. */
  readonly stoppedAt?: string;
}

export interface ServedRun {
  readonly name: string;
  readonly graph: string;
  readonly status: string;
  readonly steps?: number | undefined;
  /** Milliseconds since 1970. */
  readonly began?: number | undefined;
}

export const listedMax = 100;

export function isFound({ name, graph, status }: ServedRun, query: ServedQuery): boolean {
  const isWanted = query.status === '' || status === query.status;
  return isWanted && [name, graph].some((text) => text.toLowerCase().includes(query.search));
}
