// The door: explores the orders in which a run can come, and says what was shown.
import { RepriseError } from '../base/error.ts';
import { checkOptions, noOptions } from '../base/options/option-shape.ts';
import { ReplaySeal } from '../replay/session/replay-seal.ts';
import type { ExploreFacts } from '../report/explore/explore-facts.ts';
import { exploreOptions } from './explore-options.ts';
import type { ExploreOptions } from './explore-options.ts';
import { fixtureSubject } from './subject/fixture-subject.ts';
import { InputSubject } from './subject/input-subject.ts';
import type { ExploredInput } from './subject/input-subject.ts';
import { findingText } from '../report/explore/finding-text.ts';
import { saveSchedule, savedSchedules } from './schedule/saved-schedules.ts';
import { parseSchedule } from './schedule/schedule.ts';
import { graphMaker } from './subject/subject.ts';
import type { Subjected } from './subject/subject.ts';
import { ExploreSession } from './session/explore-session.ts';
import { withExploration } from './session/with-exploration.ts';

/**
 * The result of `explore`: whether an order changes the result, and what was tried. It is plain data; `exploreText` of
 * `reprise/report` makes text of it.
 */
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
 *   `schedules-damaged`, `option-invalid`, `usage`
 */
export async function explore(
  graph: Subjected,
  subject: string | ExploredInput,
  options: ExploreOptions = noOptions,
): Promise<ExploreReport> {
  checkOptions(exploreOptions, options);
  checkSubject(subject, options);
  const given = options.only === undefined ? undefined : parseSchedule(options.only);
  const { seed = seedDefault, schedules = schedulesDefault, invariant, timeMs, signal, onProgress } = options;
  const seal = new ReplaySeal();
  const explored =
    typeof subject === 'string'
      ? await fixtureSubject(graph, subject, seal)
      : new InputSubject(await graphMaker(graph), subject, seed);
  const saved = typeof subject === 'string' && given === undefined ? savedSchedules(subject) : [];
  const compare = options.compare ?? (explored.isOutsideAsked ? 'state' : 'journal');
  const report = await withExploration(
    {
      ...{ subject: explored, seal, compare, invariant, schedulesMax: schedules, timeMs },
      ...{ signal, onProgress, watches: true },
    },
    (exploration, watching) => {
      const { shard = { index: 0, count: 1 }, from = 0, crashes = false, faults } = options;
      const setup = { seed, shard, from, crashes, faults, saved, ...watching };
      return new ExploreSession(exploration, setup).explore(given);
    },
  );
  const { finding } = report;
  if (options.save !== true || typeof subject !== 'string' || finding === undefined) return report;
  return { ...report, kept: saveSchedule(subject, finding.schedule, findingText(finding)) };
}

/** Callers without types. */
function checkSubject(subject: unknown, { save = false }: ExploreOptions): void {
  if (typeof subject === 'string') return;
  if (save) {
    throw new RepriseError('usage', 'explore: there is no fixture to keep a schedule beside', {
      nextStep: 'Explore a fixture, or keep the text of the schedule and give it as `only`.',
    });
  }
  if (typeof subject === 'object' && subject !== null && 'input' in subject) return;
  throw new RepriseError('usage', 'explore: there is nothing to run', {
    nextStep: 'Give the path of a fixture, or { input, outside }. Explore several fixtures one by one.',
  });
}
