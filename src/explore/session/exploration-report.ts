// The report of one exploration: the rungs so far, and what they have shown.
import type { CanonicalStep } from '../../journal/canonical.ts';
import type { ExploreFacts, Finding, NamedHold, Rung } from '../../report/explore-facts.ts';
import type { Exploration } from '../exploration.ts';
import type { ScheduledRun } from '../run-once.ts';
import type { Hold } from '../schedule.ts';
import { NodesOf, uncontrolledOf } from '../uncontrolled.ts';
import { variablesOf, watchRung } from '../watch-facts.ts';
import type { WatchedGraph } from '../watched-graph.ts';

export interface ReportSetup {
  readonly seed: string;
  readonly watched: WatchedGraph | undefined;
  /** Why no variables can be read. */
  readonly unwatched: string | undefined;
}

export class ExplorationReport {
  readonly rungs: Rung[] = [];
  readonly #exploration: Exploration;
  readonly #setup: ReportSetup;

  constructor(exploration: Exploration, setup: ReportSetup) {
    this.#exploration = exploration;
    this.#setup = setup;
  }

  variables(holds: readonly Hold[]): Pick<Finding, 'variables'> {
    const { watched } = this.#setup;
    const variables = watched === undefined ? [] : variablesOf(watched, holds, this.#nodes);
    return variables.length === 0 ? {} : { variables };
  }

  get #nodes(): NodesOf {
    return new NodesOf(this.#exploration.first.steps);
  }

  /** The self-check comes first, then what its runs have shown of variables. */
  #allRungs(): readonly Rung[] {
    const { watched } = this.#setup;
    const watch: Rung =
      watched === undefined
        ? { name: 'watch', skipped: this.#setup.unwatched ?? 'it could not begin' }
        : watchRung(watched, this.#nodes);
    const [first, ...rest] = this.rungs;
    return first === undefined ? [] : [first, watch, ...rest];
  }

  named(holds: readonly Hold[]): readonly NamedHold[] {
    const nodes = this.#nodes;
    return holds.map(({ event, until }) => ({ event, node: nodes.of(event), until, untilNode: nodes.of(until) }));
  }

  report(more: Pick<ExploreFacts, 'verdict' | 'finding' | 'divergences'>): ExploreFacts {
    const { first, subject, count, uncontrolled } = this.#exploration;
    const { graphName, fixture } = subject;
    return {
      version: 1,
      graph: graphName,
      ...(fixture === undefined ? {} : { fixture }),
      seed: this.#setup.seed,
      ...more,
      run: runFacts(first),
      rungs: this.#allRungs(),
      variables: subject.isFresh ? 'fresh' : 'shared',
      schedules: count,
      uncontrolled: uncontrolledOf([...uncontrolled], first),
    };
  }
}

function runFacts({ steps, trace, choiceCount, widest }: ScheduledRun): ExploreFacts['run'] {
  const tasks = new Set(trace.map(({ event }) => event.attempt.at.replace(/#\d+(?:!\d+)?$/, '')));
  return { steps: countSteps(steps), tasks: tasks.size, events: trace.length, choices: choiceCount, widest };
}

function countSteps(steps: readonly CanonicalStep[]): number {
  return steps.filter(({ step, entries }) => step > 0 && entries.some(({ kind }) => kind === 'commit')).length;
}
