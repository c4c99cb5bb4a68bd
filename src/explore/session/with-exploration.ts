// Opens an exploration, and closes what it needs again.
import { RepriseError } from '../../base/error.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import { realNow } from '../../live/event-loop/real-timers.ts';
import type { ReplaySeal } from '../../replay/session/replay-seal.ts';
import { Exploration } from '../run/exploration.ts';
import type { ExplorationSetup } from '../run/exploration.ts';
import type { Subject } from '../subject/subject.ts';
import { WatchedGraph } from '../watch/watched-graph.ts';
import type { Watching } from './exploration-report.ts';
import { surround } from './surroundings.ts';

export interface ExplorationToOpen
  extends Pick<ExplorationSetup, 'subject' | 'compare' | 'invariant' | 'schedulesMax' | 'signal' | 'onProgress'> {
  /** What its runs are refused. */
  readonly seal: ReplaySeal;
  /** When to stop looking. */
  readonly timeMs: number | undefined;
  /** Whether to look at variables from the first run on. */
  readonly watches: boolean;
}

/** @throws RepriseError `fixture-other-graph` */
export async function withExploration<Result>(
  { seal, timeMs = Number.POSITIVE_INFINITY, watches, ...setup }: ExplorationToOpen,
  use: (exploration: Exploration, watching: Watching) => Promise<Result>,
): Promise<Result> {
  const { subject } = setup;
  checkName(subject);
  using surroundings = surround(subject, seal);
  const opened = watches
    ? WatchedGraph.open(await watchedGraph(subject), {
        schedulesMax: setup.schedulesMax,
        eventCount: subject.eventCount ?? 0,
      })
    : { reason: 'nothing was watched' };
  const watched = 'reason' in opened ? undefined : opened;
  try {
    const { install } = surroundings;
    const exploration = await Exploration.begin({ ...setup, endsAt: realNow() + timeMs, install, watched });
    return await use(exploration, { watched, unwatched: 'reason' in opened ? opened.reason : undefined });
  } finally {
    watched?.close();
  }
}

/** Made amid the surroundings of its runs, like those of all later runs: what makes it may take `fetch` or a clock from there. */
function watchedGraph(subject: Subject): AnyGraph | Promise<AnyGraph> {
  return subject.isFresh ? subject.makeGraph() : subject.graph;
}

function checkName({ graphName, graph, fixture }: Subject): void {
  const given = graph.name;
  if (given === graphName) return;
  throw new RepriseError('fixture-other-graph', `${fixture} was recorded with graph "${graphName}", not "${given}"`, {
    nextStep: `Explore it with graph "${graphName}".`,
    fields: { recorded: graphName, given },
  });
}
