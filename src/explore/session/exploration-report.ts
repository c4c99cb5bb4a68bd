// The report of one exploration: the rungs so far, and what they have shown.
import type { Divergence } from '../../diff/divergence.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type {
  ExploreFacts,
  Finding,
  NamedFault,
  NamedHold,
  Rung,
  WrittenVariable,
} from '../../report/explore/explore-facts.ts';
import { requestText, requestTexts } from '../../report/text/request-text.ts';
import type { Exploration } from '../run/exploration.ts';
import { askedOf } from '../fault/asked-of.ts';
import { faultKinds } from '../fault/fault-kinds.ts';
import type { ScheduledRun } from '../run/run-once.ts';
import { faultText } from '../schedule/schedule.ts';
import type { Fault, Hold } from '../schedule/schedule.ts';
import type { Traced } from '../order/trace.ts';
import { NodesOf, uncontrolledOf } from '../run/uncontrolled.ts';
import { variablesOf, watchRung, writtenIn } from '../watch/watch-facts.ts';
import type { WatchedGraph } from '../watch/watched-graph.ts';
import { unlikeEvent } from './unlike-event.ts';

/** What looks at the variables of the first runs. */
export interface Watching {
  readonly watched: WatchedGraph | undefined;
  /** Why no variables can be read. */
  readonly unwatched: string | undefined;
}

export interface ReportSetup extends Watching {
  readonly seed: string;
}

export class ExplorationReport {
  readonly rungs: Rung[] = [];
  readonly #exploration: Exploration;
  readonly #setup: ReportSetup;
  readonly #steps: readonly CanonicalStep[];

  /** `steps`: of the run whose nodes are named. */
  constructor(exploration: Exploration, setup: ReportSetup, steps = exploration.first.steps) {
    this.#exploration = exploration;
    this.#setup = setup;
    this.#steps = steps;
  }

  variables(holds: readonly Hold[], watched = this.#setup.watched): Pick<Finding, 'variables'> {
    const variables = watched === undefined ? [] : variablesOf(watched, holds, this.#nodes);
    return variables.length === 0 ? {} : { variables };
  }

  /** All that watched runs have written. */
  get written(): readonly WrittenVariable[] {
    const { watched } = this.#setup;
    return watched === undefined ? [] : writtenIn(watched, this.#nodes);
  }

  get #nodes(): NodesOf {
    return new NodesOf(this.#steps);
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
    return holds.map(({ event, until }) => ({
      ...{ event, node: nodes.of(event), until, untilNode: nodes.of(until) },
      ...this.#asked(event, until),
    }));
  }

  #asked(event: string, until: string): Pick<NamedHold, 'asked' | 'untilAsked'> {
    const { names } = this.#exploration;
    const [held, other] = [names.byKey(event)?.effect, names.byKey(until)?.effect];
    const [asked, untilAsked] =
      held !== undefined && other !== undefined
        ? requestTexts(held, other)
        : [held && requestText(held), other && requestText(other)];
    return { ...(asked === undefined ? {} : { asked }), ...(untilAsked === undefined ? {} : { untilAsked }) };
  }

  namedFault(fault: Fault): NamedFault {
    const { event, kind, more } = fault;
    const asked = askedOf(this.#exploration.recorded, event);
    return { fault: faultText(fault), event, node: this.#nodes.of(event), ...asked, says: faultKinds[kind].says(more) };
  }

  /** Two runs in the same order came out differently. */
  notRepeatable(divergences: readonly Divergence[], first: Traced, second: Traced): ExploreFacts {
    const unlike = unlikeEvent(first, second, this.#nodes);
    return this.report({ verdict: 'not repeatable', divergences, ...(unlike === undefined ? {} : { unlike }) });
  }

  report(more: Pick<ExploreFacts, 'verdict' | 'finding' | 'divergences' | 'unlike'>): ExploreFacts {
    const { fixture, isFresh } = this.#exploration.subject;
    return {
      ...this.#factsOf(more.verdict === 'proved' || more.verdict === 'nothing to explore'),
      ...(fixture === undefined ? {} : { fixture }),
      ...more,
      rungs: this.#allRungs(),
      variables: isFresh ? 'fresh' : 'shared',
    };
  }

  /** What any report about it says. */
  get facts(): Pick<
    ExploreFacts,
    'version' | 'graph' | 'seed' | 'run' | 'schedules' | 'untried' | 'readings' | 'uncontrolled'
  > {
    return this.#factsOf(true);
  }

  #factsOf(isProved: boolean): ExplorationReport['facts'] {
    const { first, subject, count, uncontrolled, untried, unlikeReading } = this.#exploration;
    const notTried = untried.list(this.#nodes, isProved);
    return {
      version: 1,
      graph: subject.graphName,
      seed: this.#setup.seed,
      run: runFacts(first),
      schedules: count,
      ...(unlikeReading === undefined ? {} : { readings: placeOf(unlikeReading) }),
      ...(notTried.length > 0 ? { untried: notTried } : {}),
      uncontrolled: uncontrolledOf([...uncontrolled], first),
    };
  }
}

function placeOf({ at, step, node, path }: Divergence): NonNullable<ExploreFacts['readings']> {
  return { at, step, path, ...(node === undefined ? {} : { node }) };
}

export function runFacts({ steps, trace, choiceCount, widest }: ScheduledRun): ExploreFacts['run'] {
  const tasks = new Set(trace.map(({ event }) => event.attempt.at.replace(/#\d+(?:!\d+)?$/, '')));
  return { steps: countSteps(steps), tasks: tasks.size, events: trace.length, choices: choiceCount, widest };
}

function countSteps(steps: readonly CanonicalStep[]): number {
  return steps.filter(({ step, entries }) => step > 0 && entries.some(({ kind }) => kind === 'commit')).length;
}
