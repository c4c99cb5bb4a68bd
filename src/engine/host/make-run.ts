// Makes the parts of a run, all of them and once.
import type { EditEntry, RunEntry } from '../../journal/entry.ts';
import type { StepKey } from '../../journal/key.ts';
import type { Value } from '../../base/value.ts';
import type { Clock } from '../../port/clock.ts';
import type { Inbox } from '../../port/inbox.ts';
import { outsideAttempts } from '../../port/attempt.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import type { Lease } from '../../port/store.ts';
import type { World } from '../../port/world.ts';
import { EffectHistory } from '../../journal/step/effect-history.ts';
import { EventDelivery } from '../run/journal/event-delivery.ts';
import { ExchangePool } from '../run/exchange-pool.ts';
import type { HeldEntries } from '../run/journal/held-entries.ts';
import { JournalWriter } from '../run/journal/journal-writer.ts';
import { Lingering } from '../run/lingering.ts';
import { Notes } from '../run/notes.ts';
import type { OwnLease } from '../run/journal/own-lease.ts';
import { QuestionDesk } from '../run/question-desk.ts';
import { ReachedLimits } from '../run/reached-limits.ts';
import { RestWatch } from '../run/rest-watch.ts';
import { RunInbox } from '../run/run-inbox.ts';
import { RunJournal } from '../run/journal/run-journal.ts';
import { RunOrder } from '../run/order/run-order.ts';
import { RunPace } from '../run/run-pace.ts';
import type { RunParts } from '../run/run-parts.ts';
import { RunSeed } from '../run/run-seed.ts';
import type { RunStop } from '../run/run-stop.ts';
import { Slots } from '../run/slots.ts';
import type { RunContext } from './host-ports.ts';

/** What a run is made from. */
export interface RunSetup {
  /** The run's first entry, with the graph and the terms that it continues with. */
  readonly run: RunEntry;
  readonly lease: Lease;
  readonly ownLease: OwnLease;
  /** How many entries of the run the store holds. */
  readonly storedCount: number;
  readonly stop: RunStop;
  readonly world: World;
  /** Shorter waits keep the run in memory. */
  readonly parkMs: number;
  readonly readers?: ReaderGate | undefined;
  readonly resumed?: ResumedSetup;
}

/** What a resumed run carries over from its open step. */
export interface ResumedSetup {
  readonly history: EffectHistory;
  readonly held: HeldEntries | undefined;
  readonly questions: QuestionDesk;
  readonly inbox: Inbox;
  /** Who answers what is asked about effects in doubt. */
  readonly decidedBy?: string | undefined;
  readonly limitErrors: readonly Value[];
  readonly endedInnerSteps: ReadonlyMap<StepKey, number>;
  /** Migrates the state to a newer version of the graph. */
  readonly upgrade: EditEntry | undefined;
}

export function makeRun({ engine, ports, settings, onGrown, onAwaited }: RunContext, setup: RunSetup): RunParts {
  const { run, stop, resumed } = setup;
  const { runId } = run.observed;
  const { oracle, store, sinks } = ports;
  const clock = guardedClock(ports.clock, stop);
  const { maxBytes, maxSteps, maxTasks, cleanupMs, lateAnswersMs, durability } = settings;
  const events = sinks.length === 0 ? undefined : new EventDelivery(runId, sinks);
  const writer = new JournalWriter({
    store,
    lease: setup.lease,
    storedCount: setup.storedCount,
    keepsChunks: settings.keepChunks === 'run',
    onAppended: () => onGrown(runId),
    onCancel: ({ reason }) => stop.cancel(reason),
  });
  const order = new RunOrder(ports.loop, run.semantics);
  const followsOrder = ports.recorded !== undefined && order.numbers.isKept && oracle.isControlled !== true;
  const pace = new RunPace(ports.loop, order.quiet, stop);
  const history = resumed?.history ?? new EffectHistory([], run.semantics);
  const journal = new RunJournal({
    clock,
    pace,
    writer,
    stop,
    lease: setup.ownLease,
    events,
    durability,
    chunkWindowMs: settings.chunkWindowMs,
    isDurable: store.isDurable,
    onGrown: () => onGrown(runId),
    onVoid: (note) => history.voided(note),
    held: resumed?.held,
  });
  const notes = new Notes(clock, run.semantics === 1 ? undefined : journal);
  const rest = new RestWatch({ clock, parkMs: setup.parkMs, pause: () => stop.pause() });
  // Bypasses the journal, which would take it for an edit that it already holds.
  if (resumed?.upgrade !== undefined) writer.add(resumed.upgrade);
  return Object.freeze({
    runId,
    engine,
    run,
    seed: new RunSeed(run.seed),
    settings: { maxBytes, maxSteps, maxTasks, cleanupMs, lateAnswersMs, isDurable: store.isDurable },
    clock,
    paths: ports.paths,
    oracle,
    order,
    pace,
    world: setup.world,
    journal,
    stop,
    rest,
    slots: new Slots(settings.maxConcurrent, pace, followsOrder),
    lingering: new Lingering(clock, settings.graceMs, notes),
    history,
    decidedBy: resumed?.decidedBy,
    questions: resumed?.questions ?? new QuestionDesk([]),
    inbox: new RunInbox({
      first: resumed?.inbox ?? emptyInbox,
      // What a store does is not done by the node whose effect made it read.
      read: (after) => outsideAttempts(() => store.inbox(runId, after)),
      rest,
      onWentBack: (thrown) => stop.fail('broken', thrown),
      onWait: onAwaited,
    }),
    limits: new ReachedLimits(resumed?.limitErrors),
    events,
    notes,
    pool: new ExchangePool(clock, journal),
    errands: ports.errands,
    readers: setup.readers,
    endedInnerSteps: resumed?.endedInnerSteps ?? new Map(),
  });
}

const emptyInbox: Inbox = { last: 0, messages: [] };

/** A timer may run into a bug in Reprise. That stops the run, not the process. */
function guardedClock(clock: Clock, stop: RunStop): Clock {
  return {
    now: () => clock.now(),
    setTimer: (delayMs, fire, kind) =>
      clock.setTimer(
        delayMs,
        () => {
          try {
            fire();
          } catch (fault) {
            stop.fail('faulty', fault);
          }
        },
        kind,
      ),
  };
}
