// Matchers that explore a recorded run. Each shows the report of `reprise check`, and the line that shows a finding again.
import type { MatcherState } from 'vitest';
import { explore } from '../explore/explore.ts';
import type { ExploreReport } from '../explore/explore.ts';
import type { ExploreOptions } from '../explore/explore-options.ts';
import type { Subjected } from '../explore/subject/subject.ts';
import { checkLine } from '../report/explore/check-line.ts';
import { exploreText } from '../report/explore/explore-text.ts';
import { isGraph, noGraph } from './graph-of.ts';

export interface ExploreMatchers<_Result, _Received> {
  /**
   * Runs a recorded run in other orders of completion. If one of them changes what the run comes to, the failure shows
   * the shortest such order, and the variable that carries it.
   *
   * Give `expect` a function that makes the graph if nodes share variables: then each run has its own. With `.not` it
   * demands that an order is found, which is of use where a test keeps a known race.
   *
   * `await expect(() => makeDesk()).toBeOrderIndependent('fixtures/desk/desk-1.run.jsonl')`
   */
  toBeOrderIndependent(fixturePath: string, options?: ExploreOptions): Promise<void>;
  /**
   * The same with processes that die: at every write of the run's store, before it and after it, and at every request. If
   * a run that was resumed comes to something else, the failure shows where its process died.
   *
   * It fails as well if nodes write variables and `expect` was given no function: those would outlive the process.
   *
   * `await expect(() => makeDesk()).toSurviveCrashes('fixtures/desk/desk-1.run.jsonl', { crashes: 100 })`
   */
  toSurviveCrashes(fixturePath: string, options?: ExploreOptions): Promise<void>;
  /**
   * The same with calls that fail, one in each run. If a run fails for it or never ends, the failure shows which calls no
   * node handles.
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
  /** For `.not`. */
  readonly isMet: string;
}

const orders: Demand = {
  name: 'toBeOrderIndependent(path)',
  besides: {},
  isBroken: () => false,
  isMet: 'expected an order that changes the result, but none was found',
};

const crashes: Demand = {
  name: 'toSurviveCrashes(path)',
  besides: { crashes: true },
  isBroken: ({ rungs }) => rungs.some((rung) => rung.name === 'crashes' && 'skipped' in rung),
  isMet: 'expected a death that changes the result, but none was found',
};

const faults: Demand = {
  name: 'toHandleFaults(path)',
  besides: { faults: 'tools' },
  isBroken: ({ rungs }) =>
    rungs.some(
      (rung) =>
        rung.name === 'faults' &&
        'rows' in rung &&
        rung.rows.some(({ became }) => became === 'failed' || became === 'stuck'),
    ),
  isMet: 'expected a call that no node handles, but there is none',
};

const fine: ReadonlySet<ExploreReport['verdict']> = new Set(['proved', 'no difference', 'nothing to explore']);

function matcher({ name, besides, isBroken, isMet }: Demand) {
  return async function match(this: MatcherState, received: unknown, fixturePath: string, options?: ExploreOptions) {
    if (!isGraph(received) && typeof received !== 'function') noGraph(name);
    const report = await explore(received as Subjected, fixturePath, { ...besides, ...options });
    const isFound = report.verdict === 'found' || isBroken(report);
    // Where nothing can be said, neither the demand holds nor its opposite.
    const pass = this.isNot === true ? !isFound : fine.has(report.verdict) && !isFound;
    const text = exploreText(report, checkLine(report));
    return { pass, message: () => (pass && fine.has(report.verdict) ? `${isMet}\n${text}` : text) };
  };
}

export const exploreMatchers = {
  toBeOrderIndependent: matcher(orders),
  toSurviveCrashes: matcher(crashes),
  toHandleFaults: matcher(faults),
};
