import { RunHost } from '../../src/engine/host/run-host.ts';
import { engineSettings } from '../../src/engine/options/engine-options.ts';
import type { EngineOptions } from '../../src/engine/options/engine-options.ts';
import { liveWorld } from '../../src/engine/world/live-world.ts';
import type { AnyGraph } from '../../src/graph/built-graph.ts';
import { liveEventLoop } from '../../src/live/event-loop/event-loop.ts';
import { liveRejections } from '../../src/live/rejections.ts';
import { liveSourcePaths } from '../../src/live/source-paths.ts';
import type { Clock } from '../../src/port/clock.ts';
import type { EventLoop } from '../../src/port/event-loop.ts';
import { arrivalOrder } from '../../src/port/oracle.ts';
import type { Oracle } from '../../src/port/oracle.ts';
import type { RunStore } from '../../src/port/store.ts';
import type { World } from '../../src/port/world.ts';

export interface TestPorts {
  readonly store: RunStore;
  readonly clock: Clock;
  readonly oracle?: Oracle;
  /** The outside; by default that of the clock. */
  readonly world?: World;
  /** The id of each run and owner that is given none. */
  readonly id?: () => string;
  readonly seed?: string;
  /** Whether the process of an owner has died. */
  readonly isGone?: (owner: string) => boolean | undefined;
  /** Whether what could wait for a later turn of the event loop always does, as on a busy machine. */
  readonly isBusy?: boolean;
  /** When a turn of the event loop is over, and what happens then. */
  readonly turns?: Partial<Pick<EventLoop, 'isTurnOver' | 'inLaterTurn'>>;
  /** What its runs take over from a recorded one. */
  readonly recorded?: { readonly semantics: number };
}

/** An engine on the ports of a test: with its clock, nothing waits for real time. */
export function testEngine(
  graph: AnyGraph,
  {
    store,
    clock,
    oracle = arrivalOrder,
    world = liveWorld(clock),
    id = () => 'run',
    seed = 'seed',
    isBusy = false,
    turns = {},
    isGone,
    ...rest
  }: TestPorts,
  options: EngineOptions = {},
): RunHost {
  const entropy = { runId: id, seed: () => seed, ...(isGone === undefined ? {} : { isGone }) };
  const { effects: sources = [], events: sinks = [] } = options;
  const paths = liveSourcePaths;
  // The clock of a test does not know of real time, and would take a pause for rest.
  const loop = { ...liveEventLoop, isTurnOver: () => isBusy, ...turns };
  const ports = {
    clock,
    entropy,
    paths,
    loop,
    oracle,
    world,
    store,
    rejections: liveRejections,
    sources,
    sinks,
    attachPollMs: 1,
    ...rest,
  };
  return new RunHost(graph, ports, engineSettings(options));
}
