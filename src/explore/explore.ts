// The door: explores the orders in which a run can come, and says what was shown.
import { RepriseError } from '../base/error.ts';
import { checkOptions, noOptions } from '../base/options/option-shape.ts';
import { realNow } from '../live/event-loop/real-timers.ts';
import { ReplaySeal } from '../replay/replay-seal.ts';
import type { ExploreFacts } from '../report/explore-facts.ts';
import { Exploration } from './exploration.ts';
import { exploreOptions } from './explore-options.ts';
import type { ExploreOptions } from './explore-options.ts';
import { fixtureSubject } from './fixture-subject.ts';
import { InputSubject } from './input-subject.ts';
import type { ExploredInput } from './input-subject.ts';
import { parseSchedule } from './schedule.ts';
import { graphMaker } from './subject.ts';
import type { Subject, Subjected } from './subject.ts';
import { WatchedGraph } from './watched-graph.ts';
import { ExploreSession } from './session/explore-session.ts';
import { surround } from './session/surroundings.ts';

export type ExploreReport = ExploreFacts;

const schedulesDefault = 500;
const seedDefault = '0';

/**
 * Runs a recorded run, or an input with fakes, under other orders of completion, and says whether one of them changes what
 * the run comes to: which one, as short as it can be made.
 *
 * Pass a function that makes the graph if nodes share variables: then each run has its own. Otherwise what one run left in
 * a variable is there in the next.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`, `usage`
 */
export async function explore(
  graph: Subjected,
  subject: string | ExploredInput,
  options: ExploreOptions = noOptions,
): Promise<ExploreReport> {
  checkOptions(exploreOptions, options);
  checkSubject(subject);
  const given = options.only === undefined ? undefined : parseSchedule(options.only);
  const seed = options.seed ?? seedDefault;
  const seal = new ReplaySeal();
  const made = await graphMaker(graph);
  const explored =
    typeof subject === 'string' ? await fixtureSubject(made, subject, seal) : new InputSubject(made, subject, seed);
  checkName(explored);
  using surroundings = surround(explored, seal);
  const opened = WatchedGraph.open(explored.graph);
  const watched = 'reason' in opened ? undefined : opened;
  try {
    const exploration = await Exploration.begin({
      subject: explored,
      compare: options.compare ?? (explored.isOutsideAsked ? 'state' : 'journal'),
      invariant: options.invariant,
      schedulesMax: options.schedules ?? schedulesDefault,
      endsAt: realNow() + (options.timeMs ?? Number.POSITIVE_INFINITY),
      install: surroundings.install,
      watched,
    });
    const session = new ExploreSession(exploration, {
      seed,
      shard: options.shard ?? { index: 0, count: 1 },
      watched,
      unwatched: 'reason' in opened ? opened.reason : undefined,
      crashes: options.crashes ?? false,
      faults: options.faults,
    });
    return await session.explore(given);
  } finally {
    watched?.close();
  }
}

/** Callers without types. */
function checkSubject(subject: unknown): void {
  if (typeof subject === 'string') return;
  if (typeof subject === 'object' && subject !== null && 'input' in subject) return;
  throw new RepriseError('usage', 'explore: there is nothing to run', {
    nextStep: 'Give the path of a fixture, or { input, outside }. Explore several fixtures one by one.',
  });
}

function checkName({ graphName, graph, fixture }: Subject): void {
  const given = graph.name;
  if (given === graphName) return;
  throw new RepriseError('fixture-other-graph', `${fixture} was recorded with graph "${graphName}", not "${given}"`, {
    nextStep: `Explore it with graph "${graphName}".`,
    fields: { recorded: graphName, given },
  });
}
