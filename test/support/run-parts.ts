// A run's parts on a store in memory, with a clock and an oracle that a test moves by hand.
import { atOnce } from '../../src/base/in-pieces.ts';
import { EffectHistory } from '../../src/journal/step/effect-history.ts';
import { heldEntries } from '../../src/engine/run/journal/held-entries.ts';
import { QuestionDesk } from '../../src/engine/run/question-desk.ts';
import { changedStore } from './changed-store.ts';
import { collected } from './journals.ts';
import { ManualClock } from './manual-clock.ts';
import { engineSettings } from '../../src/engine/options/engine-options.ts';
import type { EngineOptions } from '../../src/engine/options/engine-options.ts';
import { makeRun } from '../../src/engine/host/make-run.ts';
import type { RunContext } from '../../src/engine/host/host-ports.ts';
import type { OwnLease } from '../../src/engine/run/journal/own-lease.ts';
import type { RunParts } from '../../src/engine/run/run-parts.ts';
import { RunStop } from '../../src/engine/run/run-stop.ts';
import { liveEventLoop } from '../../src/live/event-loop/event-loop.ts';
import { liveWorld } from '../../src/engine/world/live-world.ts';
import type { AnyGraph } from '../../src/index.ts';
import { semanticsVersion } from '../../src/journal/entry.ts';
import type { Entry, RunEntry } from '../../src/journal/entry.ts';
import { liveSourcePaths } from '../../src/live/source-paths.ts';
import type { Inbox } from '../../src/port/inbox.ts';
import type { Arrival } from '../../src/port/oracle.ts';
import type { Lease, RunStore } from '../../src/port/store.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';

/** Holds every arrival until it is told to deliver. */
export class HeldArrivals {
  readonly waiting: Arrival[] = [];

  arrive(arrival: Arrival): void {
    this.waiting.push(arrival);
  }

  /** Delivers what waits, and what comes of it. */
  deliverAll(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) next.deliver();
  }
}

export interface TestRun {
  readonly parts: RunParts;
  readonly clock: ManualClock;
  readonly oracle: HeldArrivals;
  readonly store: RunStore;
  /** What has reached the store. */
  entries(): Promise<readonly Entry[]>;
}

export interface TestRunOptions {
  readonly engine?: EngineOptions;
  readonly parkMs?: number;
  readonly inbox?: Inbox;
  readonly openStep?: readonly Entry[];
  readonly isDurable?: boolean;
  readonly ownLease?: OwnLease;
}

export async function testRun(graph: AnyGraph, options: TestRunOptions = {}): Promise<TestRun> {
  const clock = new ManualClock(1_000);
  const oracle = new HeldArrivals();
  const memory = memoryStore();
  const store: RunStore = options.isDurable === true ? changedStore(memory, { isDurable: true }) : memory;
  const run: RunEntry = {
    kind: 'run',
    at: '',
    graph: graph.spec.description,
    fingerprint: graph.spec.fingerprint,
    semantics: semanticsVersion,
    seed: 'seed',
    observed: { runId: 'run', time: clock.now() },
  };
  const lease: Lease = await store.create(run);
  const context: RunContext = {
    engine: { noteUnattributed: () => undefined },
    graph: graph.spec,
    ports: {
      clock,
      // Nothing here takes long enough for a turn to end, however busy the machine is.
      loop: { ...liveEventLoop, isTurnOver: () => false },
      oracle,
      store,
      paths: liveSourcePaths,
      entropy: { runId: () => 'run', seed: () => 'seed' },
      world: liveWorld(clock),
      rejections: { watch: () => () => undefined },
      sources: [],
      sinks: options.engine?.events ?? [],
      attachPollMs: 1,
    },
    settings: engineSettings(options.engine ?? {}),
    onGrown: () => undefined,
    onAwaited: () => undefined,
  };
  const { openStep = [] } = options;
  const parts = makeRun(context, {
    run,
    lease,
    ownLease: options.ownLease ?? { id: 'owner', term: 0, renew: async () => undefined },
    storedCount: 1,
    stop: new RunStop('run'),
    world: context.ports.world,
    parkMs: options.parkMs ?? Number.POSITIVE_INFINITY,
    resumed: {
      history: new EffectHistory(openStep, semanticsVersion),
      held: openStep.length === 0 ? undefined : atOnce(heldEntries(openStep, clock, false)),
      questions: new QuestionDesk(openStep),
      inbox: options.inbox ?? { last: 0, messages: [] },
      limitErrors: [],
      endedInnerSteps: new Map(),
      upgrade: undefined,
    },
  });
  const entries = async (): Promise<readonly Entry[]> => {
    await parts.journal.flush();
    return collected(store.read('run', 1));
  };
  return { parts, clock, oracle, store, entries };
}
