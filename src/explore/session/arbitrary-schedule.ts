// Arbitrary orders of a recorded run, for properties that users state themselves.
import type { Arbitrary } from 'fast-check';
import { RepriseError } from '../../base/error.ts';
import { filledText } from '../../base/options/option-kind.ts';
import { checkArgument } from '../../base/options/option-shape.ts';
import type { AnyGraph, StateOf } from '../../graph/built-graph.ts';
import type { Run } from '../../graph/types/run-types.ts';
import { ReplaySeal } from '../../replay/session/replay-seal.ts';
import type { Exploration } from '../run/exploration.ts';
import { loadFastCheck } from '../fast-check.ts';
import { fixtureSubject } from '../subject/fixture-subject.ts';
import { scheduleText } from '../schedule/schedule.ts';
import type { Hold } from '../schedule/schedule.ts';
import { heldStrategy } from '../strategy/held.ts';
import type { Trace } from '../order/trace.ts';
import { withExploration } from './with-exploration.ts';

/** A recorded run in another order. */
export interface DrawnSchedule<State> {
  /** As text, which `explore({ only })` and `reprise check --schedule` take. */
  readonly schedule: string;
  /** Runs it offline, without waiting. Each call runs it again, in the same order. */
  readonly run: () => Promise<Run<State>>;
}

/** So few that a drawn order can still be read. */
const holdsMax = 8;

/**
 * Arbitrary orders in which a recorded run could have come, for a property of your own. They shrink to fewer holds, so
 * that what fast-check reports is close to the shortest order that breaks the property. Pass a function that makes the
 * graph if nodes share variables.
 *
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import fc from 'fast-check';
 * import { append, createEngine, fields, graph, memoryStore } from 'reprise';
 * import { arbitrarySchedule } from 'reprise/explore';
 * import { exportRunTo } from 'reprise/record';
 *
 * const makeDesk = () => {
 *   let current = '';
 *   const work = (name: string) => async (_state: unknown, { effect }: { effect: typeof ask }) => {
 *     current = name;
 *     await effect('search', name, () => 1);
 *     return { delta: { seen: [`${name} sees ${current}`] } };
 *   };
 *   return graph('desk', { state: fields({ seen: append<string>() }) })
 *     .node('plan', () => ({}))
 *     .node('a', work('a'))
 *     .node('b', work('b'))
 *     .edge('plan', 'a')
 *     .edge('plan', 'b')
 *     .start('plan')
 *     .build();
 * };
 * declare function ask(name: string, request: string, perform: () => number): Promise<number>;
 * const store = memoryStore();
 * await createEngine(makeDesk(), { store }).run({}, { runId: 'desk-1' });
 * const fixture = join(mkdtempSync(join(tmpdir(), 'desk-')), 'desk-1.run.jsonl');
 * await exportRunTo(store, 'desk-1', fixture);
 *
 * const orders = await arbitrarySchedule(makeDesk, fixture);
 * const sameEnd = fc.asyncProperty(orders, async ({ run }) => (await run()).state.seen.join() === 'a sees b,b sees b');
 * const { counterexample } = await fc.check(sameEnd, { seed: 1 });
 * console.log(counterexample?.[0].schedule.match(/hold/g)?.length); // 1
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `peer-missing` without fast-check
 */
export async function arbitrarySchedule<Graph extends AnyGraph>(
  graph: Graph | (() => Graph | Promise<Graph>),
  fixture: string,
): Promise<Arbitrary<DrawnSchedule<StateOf<Graph>>>> {
  checkArgument('arbitrarySchedule', 'fixture', filledText, fixture);
  const fc = loadFastCheck();
  const seal = new ReplaySeal();
  const subject = await fixtureSubject(graph, fixture, seal);
  const setup = { subject, seal, compare: 'journal', invariant: undefined, timeMs: undefined, watches: false } as const;
  const within = <Result>(use: (exploration: Exploration) => Promise<Result>): Promise<Result> =>
    withExploration({ ...setup, schedulesMax: Number.POSITIVE_INFINITY }, use);
  const possible = await within(async ({ first }) => possibleHolds(first.trace));
  const drawn = (holds: readonly Hold[]): DrawnSchedule<StateOf<Graph>> => {
    const schedule = scheduleText({ base: 'fifo', holds, deaths: [], faults: [] });
    return {
      schedule,
      run: () =>
        within(async (exploration) => {
          const { run } = await exploration.runWhole(heldStrategy(holds));
          if (run === undefined) throw stuckError(schedule);
          return run as Run<StateOf<Graph>>;
        }),
    };
  };
  if (possible.length === 0) return fc.constant(drawn([]));
  // One event waits for one other: two holds of it would be one.
  const held = { maxLength: holdsMax, selector: ({ event }: Hold) => event };
  return fc.uniqueArray(fc.constantFrom(...possible), held).map(drawn);
}

/** Each event may wait for what comes later in its step and was ready before it, or does not follow from it. */
function possibleHolds(trace: Trace): readonly Hold[] {
  return trace.flatMap((held) =>
    trace
      .slice(held.happened + 1)
      .filter((until) => isOfOneStep(held, until) && (until.since <= held.happened || isElsewhere(held, until)))
      .map((until) => ({ event: held.event.key, until: until.event.key })),
  );
}

type Item = Trace[number];

function isOfOneStep({ event: one }: Item, { event: other }: Item): boolean {
  return one.attempt.path[0] === other.attempt.path[0];
}

function isElsewhere({ event: one }: Item, { event: other }: Item): boolean {
  return one.attempt.chain !== other.attempt.chain;
}

function stuckError(schedule: string): RepriseError {
  return new RepriseError('replay-stalled', `the run does not end under ${schedule}`, {
    nextStep: 'Look at it with `npx reprise check --schedule`: it names what waits.',
    fields: { schedule },
  });
}
