import { installReplayedReads } from '../../live/ambient/ambient-reads.ts';
import { withClocksFrom } from '../../live/ambient/reads-now.ts';
import type { Fixture } from '../../store/fixture/open-fixture.ts';

/**
 * The graph of a replay, or what makes it for this one. Clocks stand where the run began while it is made: a limiter that
 * reads one when its module is loaded was made before the run, and not today.
 */
export async function madeGraph<Graph extends object>(
  graph: Graph | (() => Graph | Promise<Graph>),
  { run }: Fixture,
): Promise<Graph> {
  if (typeof graph !== 'function') return graph;
  const restore = installReplayedReads();
  try {
    return await withClocksFrom(run.observed.time, graph);
  } finally {
    restore();
  }
}
