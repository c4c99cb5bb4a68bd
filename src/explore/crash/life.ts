// One process of a run whose processes die: it begins the run, or resumes what the store holds of it.
//   L1. Death is freezing: its store never answers again, and nothing of it is delivered any more.
//   L2. Each process has a graph of its own, as far as there is one, and the outside as the last one left it.
import { messageOf } from '../../base/error.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { Entry } from '../../journal/entry.ts';
import { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import type { RunStore } from '../../port/store.ts';
import { ControlledOracle } from '../run/controlled-oracle.ts';
import type { EventNames } from '../order/event-names.ts';
import { faultyWorld, latenessOf, silenceOf } from '../fault/faulty-world.ts';
import type { Faulty } from '../fault/faulty-world.ts';
import { attemptIn, hostOf } from '../run/run-once.ts';
import type { OneRun } from '../run/run-once.ts';
import type { Death } from '../schedule/schedule.ts';
import type { MakeStrategy } from '../strategy/strategy.ts';
import type { ResumedFrom, Subject, SubjectWorld } from '../subject/subject.ts';
import type { Traced } from '../order/trace.ts';
import { mortalStore } from './mortal-store.ts';
import { writtenText } from './written-text.ts';
import { watchRequests } from './sent-requests.ts';
import type { SentRequest } from './sent-requests.ts';

/** What all processes of a run share. */
export interface Lives {
  readonly subject: Subject;
  readonly names: EventNames;
  readonly strategy: MakeStrategy;
  readonly faulty: Faulty;
  readonly eventsMax: number;
  readonly install: NonNullable<OneRun['install']>;
  /** Outlives the processes. */
  readonly store: RunStore;
  /** Of all processes, in order. */
  readonly sent: SentRequest[];
  /** What each write of theirs holds, in words. */
  readonly written: string[];
}

export interface LifeEnd {
  /** Undefined if the process died, or its run never ended. */
  readonly run: AnyRun | undefined;
  readonly isDead: boolean;
  /** The run could not even be resumed. */
  readonly refused?: string;
  readonly world: SubjectWorld;
  readonly graph: AnyGraph;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly uncontrolled: readonly string[];
  readonly traced: Traced;
}

export interface LifeSetup {
  /** From 1 on. */
  readonly number: number;
  readonly time: number;
  readonly death: Death | undefined;
  readonly before: SubjectWorld | undefined;
}

type Ended = Pick<LifeEnd, 'run' | 'isDead' | 'refused'>;

export async function live(lives: Lives, { number, time, death, before }: LifeSetup): Promise<LifeEnd> {
  const { subject, names, store, eventsMax } = lives;
  const { runId, seed, isOutsideAsked } = subject;
  const quiet = new RunQuiet();
  const ending = Promise.withResolvers<Ended>();
  const strategy = lives.strategy();
  const lateMs = latenessOf(lives.faulty);
  const onStuck = (): void => ending.resolve({ run: undefined, isDead: false });
  const isInSilence = silenceOf(lives.faulty);
  const control = { names, strategy, quiet, startTime: time, isOutsideAsked, eventsMax, lateMs, isInSilence, onStuck };
  const oracle = new ControlledOracle(control);
  let isDead = false;
  const die = (): void => {
    isDead = true;
    oracle.end();
    ending.resolve({ run: undefined, isDead: true });
  };
  const mortal = mortalStore(store, {
    isDead: () => isDead,
    write(entries) {
      lives.written.push(writtenText(entries));
      return death?.kind === 'write' && death.write === lives.written.length ? death.when : undefined;
    },
    die,
  });
  const found = await store.find(runId);
  const from = found === undefined || before === undefined ? undefined : { ...(await openStep(store, runId)), before };
  const graph = await subject.makeGraph();
  const world = subject.makeWorld(graph, oracle, quiet, { from, races: lives.faulty.races });
  const faulted = lives.faulty.faults.size === 0 ? world.world : faultyWorld(world.world, lives.faulty, oracle);
  const order = watchRequests(oracle, lives.sent, (event) =>
    death?.kind === 'request' && death.event === event && !isDead ? die : undefined,
  );
  const owner = `life-${number}`;
  const host = hostOf(graph, subject, { oracle, order, quiet, world: faulted, store: mortal, owner });
  const uninstall = lives.install(host);
  const isOver = found !== undefined && endStates.has(found.status);
  const driven =
    found === undefined || isOver
      ? host.run(subject.input, { runId, seed, ...(isOver ? { onExisting: 'attach' } : {}) })
      : host.resume(runId);
  driven.then(
    (run) => ending.resolve({ run, isDead: false }),
    (thrown: unknown) => ending.resolve({ run: undefined, isDead: false, refused: messageOf(thrown) }),
  );
  const ended = await ending.promise.finally(() => {
    oracle.end();
    uninstall();
  });
  if (ended.run !== undefined) await host.close();
  if (isDead) quiet.drop();
  else quiet.close();
  const uncontrolled = [...oracle.uncontrolled, ...quiet.uncontrolled.map(attemptIn)];
  return {
    ...ended,
    world,
    graph,
    time: oracle.now(),
    uncontrolled,
    traced: { trace: oracle.trace, givenUp: oracle.givenUp },
  };
}

const endStates: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled']);

async function openStep(store: RunStore, runId: string): Promise<Pick<ResumedFrom, 'step' | 'open'>> {
  let step = -1;
  let open: Entry[] = [];
  for await (const entry of store.read(runId)) {
    if (entry.kind === 'commit' && !entry.at.includes('/')) {
      step += 1;
      open = [];
    } else open.push(entry);
  }
  return { step, open };
}
