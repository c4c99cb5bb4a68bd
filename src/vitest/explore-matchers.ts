// Matchers that explore a recorded run. Each shows the report of `reprise check`, and the line that shows a finding again.
import type { MatcherState } from 'vitest';
import { explore } from '../explore/explore.ts';
import type { ExploreReport } from '../explore/explore.ts';
import type { ExploreOptions } from '../explore/explore-options.ts';
import type { Subjected } from '../explore/subject/subject.ts';
import { checkLine } from '../report/explore/check-line.ts';
import type { FaultRow } from '../report/explore/explore-facts.ts';
import { exploreText } from '../report/explore/explore-text.ts';
import { isGraph, noGraph } from './graph-of.ts';

/**
 * What `reprise/vitest` adds to `expect` for races, crashes and faults. You need the name only to extend an `expect` of your
 * own, since importing the module declares the matchers already.
 */
export interface ExploreMatchers<_Result, _Received> {
  /**
   * Runs a recorded run in other orders of completion. If one of them changes what the run comes to, the failure shows
   * the shortest such order, and the variable that carries it.
   *
   * Give `expect` a function that makes the graph if nodes share variables: then each run has its own. With `.not` it
   * demands that an order is found, which is of use where a test keeps a known race.
   *
   * Exploring takes as long as its budget, `schedules` or `timeMs`: give the test a time limit that is longer.
   *
   * `await expect(() => makeDesk()).toBeOrderIndependent('fixtures/desk/desk-1.run.jsonl', { schedules: 100 })`
   */
  toBeOrderIndependent(fixturePath: string, options?: ExploreOptions): Promise<void>;
  /**
   * The same with processes that die: at every write of the run's store, before it and after it, and at every request. If
   * a run that was resumed comes to something else, the failure shows where its process died.
   *
   * It fails as well if nodes write variables and `expect` was given no function: those would outlive the process; and if
   * `timeMs` was over before any death was tried.
   *
   * `await expect(() => makeDesk()).toSurviveCrashes('fixtures/desk/desk-1.run.jsonl', { crashes: 100 })`
   */
  toSurviveCrashes(fixturePath: string, options?: ExploreOptions): Promise<void>;
  /**
   * The same with calls that fail, one in each run. If a run fails for it or never ends, the failure shows which calls no
   * node handles. A run that never ends takes a second. It fails as well if `timeMs` was over before any call was tried.
   *
   * `await expect(() => makeDesk()).toHandleFaults('fixtures/desk/desk-1.run.jsonl')`
   */
  toHandleFaults(fixturePath: string, options?: ExploreOptions): Promise<void>;
}

interface Demand {
  readonly name: string;
  /** What is explored besides orders, unless the caller says it otherwise. */
  readonly besides: ExploreOptions;
  /** What a run breaks it by that no order, death or fault has made different. */
  readonly isBroken: (report: ExploreReport) => boolean;
  /** What it fails of then, where the report says it further down. */
  readonly broken?: (report: ExploreReport) => string | undefined;
  /** What there was to try. */
  readonly tries: string;
  /** None of it was tried. */
  readonly isUntried: (report: ExploreReport) => boolean;
  /** Why, unless the time was over before. */
  readonly whyUntried?: (report: ExploreReport) => string | undefined;
  /** For `.not`. */
  readonly isMet: string;
}

const orders: Demand = {
  name: 'toBeOrderIndependent(path)',
  besides: {},
  isBroken: () => false,
  tries: 'other orders',
  // Some always are.
  isUntried: () => false,
  isMet: 'expected an order that changes the result, but none was found',
};

const crashes: Demand = {
  name: 'toSurviveCrashes(path)',
  besides: { crashes: true },
  isBroken: () => false,
  tries: 'crashes',
  whyUntried: (report) => {
    const skipped = skippedCrashes(report);
    return skipped === undefined ? undefined : `they were skipped, ${skipped}`;
  },
  isUntried: (report) =>
    skippedCrashes(report) !== undefined ||
    report.rungs.some(
      (rung) =>
        rung.name === 'crashes' &&
        'tried' in rung &&
        rung.writes + rung.requests > 0 &&
        Object.values(rung.tried).every((count) => count === 0),
    ),
  isMet: 'expected a death that changes the result, but none was found',
};

const faults: Demand = {
  name: 'toHandleFaults(path)',
  besides: { faults: 'tools' },
  isBroken: (report) => unhandledIn(report) > 0,
  broken: (report) => {
    const count = unhandledIn(report);
    return `expected every failure to be handled, but ${count} of ${faultRows(report).length} ${count === 1 ? 'is' : 'are'} not`;
  },
  tries: 'failures',
  isUntried: ({ rungs }) =>
    rungs.some((rung) => rung.name === 'faults' && 'rows' in rung && rung.of > 0 && rung.rows.length === 0),
  isMet: 'expected a call that no node handles, but there is none',
};

const fine: ReadonlySet<ExploreReport['verdict']> = new Set(['proved', 'no difference', 'nothing to explore']);

/** Why no crashes were tried. */
function skippedCrashes({ rungs }: ExploreReport): string | undefined {
  const skipped = rungs.flatMap((rung) => (rung.name === 'crashes' && 'skipped' in rung ? [rung.skipped] : []));
  return skipped[0];
}

function faultRows({ rungs }: ExploreReport): readonly FaultRow[] {
  return rungs.flatMap((rung) => (rung.name === 'faults' && 'rows' in rung ? rung.rows : []));
}

function unhandledIn(report: ExploreReport): number {
  return faultRows(report).filter(({ became }) => became === 'failed' || became === 'stuck').length;
}

function matcher(demand: Demand) {
  const { name, besides, isBroken, isUntried, isMet } = demand;
  return async function match(this: MatcherState, received: unknown, fixturePath: string, options?: ExploreOptions) {
    if (!isGraph(received) && typeof received !== 'function') noGraph(name);
    const report = await explore(received as Subjected, fixturePath, { ...besides, ...options });
    const isFound = report.verdict === 'found' || isBroken(report);
    // Where nothing can be said, neither the demand holds nor its opposite.
    const pass = this.isNot === true ? !isFound : fine.has(report.verdict) && !isFound && !isUntried(report);
    const text = exploreText(report, checkLine(report));
    const first = pass && fine.has(report.verdict) && !isUntried(report) ? isMet : firstLine(demand, report);
    return { pass, message: () => (first === undefined ? text : `${first}\n${text}`) };
  };
}

/** What a failure begins with where that of the report is about something else. */
function firstLine(
  { isBroken, broken, isUntried, whyUntried, tries }: Demand,
  report: ExploreReport,
): string | undefined {
  if (!fine.has(report.verdict)) return undefined;
  if (isUntried(report))
    return `expected ${tries} to be tried, but ${whyUntried?.(report) ?? 'there was no time for any'}`;
  return isBroken(report) ? broken?.(report) : undefined;
}

export const exploreMatchers = {
  toBeOrderIndependent: matcher(orders),
  toSurviveCrashes: matcher(crashes),
  toHandleFaults: matcher(faults),
};
