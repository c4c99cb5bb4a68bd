// What is explored: a run that can be made again and again, prepared once.
import { RepriseError } from '../../base/error.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { HostPorts } from '../../engine/host/host-ports.ts';
import type { EffectEntry, EffectRef, Entry, PooledEntry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import type { Clock } from '../../port/clock.ts';
import type { World } from '../../port/world.ts';
import type { Readings } from '../run/readings.ts';
import type { FreedRaces } from '../race/freed-races.ts';

/** The graph, or what makes it: then each run can get a graph of its own, and variables of its own with it. */
export type Subjected = AnyGraph | (() => AnyGraph | Promise<AnyGraph>);

/** A graph, and how others like it are made. */
export type MadeGraph = Pick<Subject, 'graph' | 'isFresh' | 'makeGraph'>;

/** @throws RepriseError `usage` */
export async function graphMaker(graph: Subjected): Promise<MadeGraph> {
  if (typeof graph !== 'function') return { graph: checkedGraph(graph), isFresh: false, makeGraph: () => graph };
  const first = checkedGraph(await graph());
  // Each run gets variables of its own, as far as can be told.
  return { graph: first, isFresh: (await graph()) !== first, makeGraph: graph };
}

/** Callers without types. @throws RepriseError `usage` */
export function checkedGraph(given: AnyGraph | undefined): AnyGraph {
  if (typeof given?.name === 'string' && typeof given.spec === 'object') return given;
  throw new RepriseError('usage', 'explore: what is given is not a graph, and does not make one', {
    nextStep: 'Give what `.build()` returned, or a function that returns it.',
  });
}

export interface Subject {
  readonly graphName: string;
  /** Undefined for an input with fakes. */
  readonly fixture: string | undefined;
  readonly runId: string;
  readonly seed: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly input: unknown;
  /** What its runs take over from the recorded one. */
  readonly recorded: HostPorts['recorded'] | undefined;
  /** Its effects are performed, by fakes or for real. */
  readonly isOutsideAsked: boolean;
  /** What its runs have read of clocks and drawn, if that is known. */
  readonly readings: Readings | undefined;
  /** How many events each run has at least, if that is known. */
  readonly eventCount?: number;
  /** The first that was made. It runs where no others can be made. */
  readonly graph: AnyGraph;
  /** Whether each run has variables of its own. */
  readonly isFresh: boolean;
  /** A graph with variables that no run has touched, if it can be made. */
  makeGraph(): AnyGraph | Promise<AnyGraph>;
  /** From here on, races that no recording decides have the winners of this run. Returns whether it had any. */
  keepRaces?(steps: readonly CanonicalStep[]): boolean;
  makeWorld(graph: AnyGraph, clock: Clock, quiet: RunQuiet, failing?: Partial<FailingWorld>): SubjectWorld;
}

/** What is different in the world of a run in which something fails. */
export interface FailingWorld {
  /** All clocks stand still. */
  readonly isStill?: boolean;
  /** For a process that resumes the run. */
  readonly from: ResumedFrom | undefined;
  /** Those that are decided again. */
  readonly races: FreedRaces;
}

/** Where a process found the run whose own had died. */
export interface ResumedFrom {
  /** The last committed step. */
  readonly step: number;
  /** What the journal holds of the step after it. */
  readonly open: readonly Entry[];
  /** The outside, which has outlived the process. */
  readonly before: SubjectWorld;
}

/** The outside of one run. */
export interface SubjectWorld {
  readonly world: World;
  /** What an invariant may look at besides the run. */
  readonly outside: unknown;
  /** What was asked for and is not recorded. */
  missing(): ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  /** Recorded exchanges that another attempt asked for than did when they were recorded. */
  moved(): ReadonlySet<EffectEntry>;
  /** What its code waited for in vain, since no answer to it is recorded. */
  unheard(): ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  /** What the recording knows of exchanges that were still open when their attempts had ended. */
  readonly pooled: readonly PooledEntry[];
  /** The run ends before its next step. */
  stop(): void;
}
