// Random runs are upgraded to random graphs: what prevents an upgrade depends on the graphs, not on the names of nodes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUpgradeProblems } from '../../../src/engine/stored/resume/upgrade-rules.ts';
import type { UpgradedRun, UpgradeProblem } from '../../../src/engine/stored/resume/upgrade-rules.ts';
import type { GraphDescription } from '../../../src/journal/description.ts';
import type { JoinArrivals } from '../../../src/journal/entry.ts';
import { graphPairs, plainNames, renamed, trickyRenamings } from '../../support/arbitrary-graph.ts';

const numRuns = process.env.REPRISE_TEST_SIZE === 'long' ? 10_000 : 300;

interface Upgrade {
  readonly recorded: GraphDescription;
  readonly current: GraphDescription;
  readonly run: UpgradedRun;
}

const upgrades: fc.Arbitrary<Upgrade> = graphPairs(plainNames).chain(([recorded, current]) =>
  fc.record({ recorded: fc.constant(recorded), current: fc.constant(current), run: runsOf(recorded) }),
);

function runsOf({ nodes, edges }: GraphDescription): fc.Arbitrary<UpgradedRun> {
  const sources = edges.flatMap((edge) => (edge.kind === 'join' ? [edge.from] : []));
  return fc
    .record({ frontier: fc.subarray([...nodes]), waiting: fc.subarray([...sources.entries()]) })
    .map(({ frontier, waiting }) => ({
      frontier: frontier.map(({ name }) => ({ node: name })),
      joins: Object.fromEntries(waiting.map(([place, [source = '']]) => [String(place), { [source]: 1 }])),
    }));
}

function problemsOf({ recorded, current, run }: Upgrade): readonly UpgradeProblem[] {
  return findUpgradeProblems(recorded, current, run, 'none');
}

function renamedJoins(joins: JoinArrivals | undefined, nameOf: (name: string) => string): JoinArrivals | undefined {
  if (joins === undefined) return undefined;
  const renamedSources = (sources: JoinArrivals[string]): JoinArrivals[string] =>
    Object.fromEntries(Object.entries(sources).map(([source, count]) => [nameOf(source), count]));
  return Object.fromEntries(Object.entries(joins).map(([join, sources]) => [join, renamedSources(sources)]));
}

/** A problem without its values, since those contain names too. */
function outlineOf(problem: UpgradeProblem, nameOf = (name: string): string => name): object {
  if (problem.kind !== 'change') return { kind: 'join', names: problem.join.names.map(nameOf) };
  const { kind, change, names, subgraph } = problem.change;
  return { kind, change, names: kind === 'field' ? names : names.map(nameOf), subgraph: subgraph.map(nameOf) };
}

describe('an upgrade', () => {
  it('has the same problems whatever the names of the nodes', () => {
    const seen = { problems: 0, none: 0 };
    fc.assert(
      fc.property(upgrades, trickyRenamings, ({ recorded, current, run }, nameOf) => {
        const plain = problemsOf({ recorded, current, run });
        const tricky = problemsOf({
          recorded: renamed(recorded, nameOf),
          current: renamed(current, nameOf),
          run: {
            frontier: run.frontier.map((task) => ({ ...task, node: nameOf(task.node) })),
            joins: renamedJoins(run.joins, nameOf),
          },
        });
        seen[plain.length > 0 ? 'problems' : 'none'] += 1;
        expect(tricky.map((problem) => outlineOf(problem))).toEqual(plain.map((problem) => outlineOf(problem, nameOf)));
      }),
      { numRuns },
    );
    expect(Math.min(seen.problems, seen.none)).toBeGreaterThan(numRuns / 10);
  });

  it('to a graph that differs only in limits has no problem', () => {
    const limited = (graph: GraphDescription): GraphDescription => ({
      ...graph,
      nodes: graph.nodes.map(({ subgraph, ...node }) => ({
        ...node,
        attempts: 9,
        timeoutMs: 9,
        maxConcurrent: 9,
        resumable: true as const,
        ...(subgraph === undefined ? {} : { subgraph: limited(subgraph) }),
      })),
    });
    fc.assert(
      fc.property(upgrades, ({ recorded, run }) => {
        expect(problemsOf({ recorded, current: limited(recorded), run })).toEqual([]);
      }),
      { numRuns },
    );
  });

  it('has no fewer problems if the run can reach more', () => {
    fc.assert(
      fc.property(upgrades, ({ recorded, current, run }) => {
        const everywhere = { ...run, frontier: recorded.nodes.map(({ name }) => ({ node: name })) };
        const all = problemsOf({ recorded, current, run: everywhere }).map((problem) => JSON.stringify(problem));
        for (const problem of problemsOf({ recorded, current, run })) expect(all).toContain(JSON.stringify(problem));
      }),
      { numRuns },
    );
  });
});
