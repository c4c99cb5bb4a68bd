// One run of a subject under one schedule.
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import { RunHost } from '../../engine/host/run-host.ts';
import { engineSettings } from '../../engine/options/engine-options.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { liveEventLoop } from '../../live/event-loop/event-loop.ts';
import { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import { liveRejections } from '../../live/rejections.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import type { Clock } from '../../port/clock.ts';
import type { EventLoop } from '../../port/event-loop.ts';
import type { Oracle } from '../../port/oracle.ts';
import type { RunStore } from '../../port/store.ts';
import type { World } from '../../port/world.ts';
import { ReplayStore } from '../../replay/session/replay-store.ts';
import { ControlledOracle } from './controlled-oracle.ts';
import type { ControlSetup } from './controlled-oracle.ts';
import type { EventName, EventNames } from '../order/event-names.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { Subject, SubjectWorld } from '../subject/subject.ts';
import type { Traced } from '../order/trace.ts';

export interface OneRun {
  readonly subject: Subject;
  readonly names: EventNames;
  readonly strategy: Strategy;
  /** One that ran before, with what that has left in its variables; by default the subject makes one. */
  readonly graph?: AnyGraph | undefined;
  readonly eventsMax: number;
  /** Whether it looks for work of Node that ends when it likes. */
  readonly seesWork?: boolean;
  /** All clocks stand still. */
  readonly isStill?: boolean;
  /** Where its journal goes, if it is wanted as a whole; no step is told then. */
  readonly store?: RunStore;
  /** Called with each step as it ends. With `stop` the run ends there. */
  readonly onStep?: (step: CanonicalStep, world: SubjectWorld) => 'stop' | undefined;
  /** Called after every thousand things that have happened. */
  readonly onEvents?: ControlSetup['onEvents'];
  /** Called before each choice, when nothing more follows from what happened last. */
  readonly onQuiet?: ControlSetup['onQuiet'];
  /** The host that drives it: effect sources look for it. The returned function is called when the run is over. */
  readonly install?: (host: RunHost) => () => void;
  /** Drives a run that has paused; by default it is left there. */
  readonly onPaused?: (host: RunHost, run: AnyRun, clock: Clock) => Promise<AnyRun>;
}

export interface ScheduledRun extends Traced {
  readonly choiceCount: number;
  readonly widest: number;
  readonly readyDigest: number;
  readonly steps: readonly CanonicalStep[];
  /** Undefined if it never ended. */
  readonly run: AnyRun | undefined;
  /** The attempts that ran when nothing was left to happen. */
  readonly stuck: readonly string[];
  readonly uncontrolled: readonly string[];
  /** Attempts with work of Node whose end has no place in the order (see `ControlledOracle`). */
  readonly unordered: ReadonlyMap<string, 'within' | 'between'>;
  /** Timers that were still set when their attempt was over, and never had a chance to fire. */
  readonly unfired: readonly EventName[];
  readonly world: SubjectWorld;
}

/** A timer that repeats and is never cleared would fire for ever. */
const outlastingMax = 100;

/** The limits decide when a task runs, and never what it returns. */
const limits = {
  maxSteps: Number.POSITIVE_INFINITY,
  maxTasks: Number.POSITIVE_INFINITY,
  maxConcurrent: Number.POSITIVE_INFINITY,
};
const settings = engineSettings(limits);
/** Nobody sees when what is only compared was written. */
const comparedSettings = engineSettings({ ...limits, durability: 'step' });

export async function runOnce(one: OneRun): Promise<ScheduledRun> {
  const { subject, names, strategy, eventsMax, onStep, onQuiet, onEvents, install, onPaused } = one;
  const quiet = new RunQuiet();
  const steps: CanonicalStep[] = [];
  let giveUp: (stuck: readonly string[]) => void = () => undefined;
  const { startTime, isOutsideAsked, runId, seed } = subject;
  const onStuck = (running: readonly string[]): void => giveUp(running);
  const oracle = new ControlledOracle({
    names,
    strategy,
    quiet,
    startTime,
    isOutsideAsked,
    eventsMax,
    // Where nothing is recorded that could answer it, nothing comes.
    isInSilence: (at) => world.missing().has(at as AttemptKey),
    onStuck,
    onQuiet,
    onEvents,
  });
  if (one.seesWork === true) {
    const workBegan = (at: string, others: readonly string[]): void => oracle.workBegins(at, others);
    quiet.workBegan = workBegan;
    quiet.see(true);
  }
  const graph = one.graph ?? (await subject.makeGraph());
  const world = subject.makeWorld(graph, oracle, quiet, { isStill: one.isStill === true });
  const told = (step: CanonicalStep): undefined => {
    steps.push(step);
    if (onStep?.(step, world) === 'stop') world.stop();
  };
  const store = one.store ?? new ReplayStore(told);
  const ports = { oracle, order: oracle, quiet, world: world.world, store };
  const host = hostOf(graph, subject, ports, one.store === undefined ? comparedSettings : settings);
  const uninstall = install?.(host);
  const ended = await new Promise<{ readonly run?: AnyRun; readonly stuck: readonly string[] }>((resolve, reject) => {
    giveUp = (stuck) => resolve({ stuck });
    const first = host.run(subject.input, { runId, seed });
    const ended = onPaused === undefined ? first : first.then((run) => onPaused(host, run, oracle));
    ended.then((run) => timersEnd(oracle).then(() => resolve({ run, stuck: [] })), reject);
  }).finally(() => {
    oracle.end();
    uninstall?.();
  });
  // One that is stuck would never close.
  if (ended.run !== undefined) await host.close();
  quiet.close();
  const { trace, givenUp, choiceCount, widest, readyDigest, unfired, unordered } = oracle;
  const uncontrolled = [...oracle.uncontrolled, ...quiet.uncontrolled.map(attemptIn)];
  const { run, stuck } = ended;
  return {
    ...{ trace, givenUp, choiceCount, widest, readyDigest, steps, run, stuck },
    ...{ uncontrolled, unfired, unordered, world },
  };
}

/** Between two runs time passes: what a run has left set fires, as it would in a process that works on. */
async function timersEnd(oracle: ControlledOracle): Promise<void> {
  for (let count = 0; count < outlastingMax && oracle.outlast(); count += 1)
    await new Promise<void>((resolve) => liveEventLoop.settled(resolve));
}

export interface ExploredPorts {
  readonly oracle: ControlledOracle;
  /** The oracle, or what stands before it. */
  readonly order: Oracle;
  readonly quiet: RunQuiet;
  readonly world: World;
  readonly store: RunStore;
  /** Names the process among those that drive the run one after another. */
  readonly owner?: string;
}

export function hostOf(graph: AnyGraph, subject: Subject, ports: ExploredPorts, how = settings): RunHost {
  const { oracle, order, quiet, world, store, owner } = ports;
  const { runId, seed, recorded } = subject;
  return new RunHost(
    graph,
    {
      clock: oracle,
      entropy: {
        runId: () => runId,
        seed: () => seed,
        ...(owner === undefined ? {} : { owner: () => owner, isGone: () => true }),
      },
      paths: liveSourcePaths,
      loop: loopOf(quiet),
      oracle: order,
      world,
      store,
      rejections: liveRejections,
      sources: [],
      ...(recorded === undefined ? {} : { recorded }),
      sinks: [],
      attachPollMs: 0,
    },
    how,
  );
}

/** The attempt that a line about work of Node names at its end. */
export function attemptIn(line: string): string {
  return /\(([^()]*)\)$/.exec(line)?.[1] ?? line;
}

/** Turns are shared between schedules, and never within one: how long something takes changes nothing. */
function loopOf(quiet: RunQuiet): EventLoop {
  return { ...liveEventLoop, turn: () => 0, isTurnOver: () => false, watch: () => quiet };
}
