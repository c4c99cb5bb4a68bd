// What all parts of one run share: its identity, its ports, its journal, and what is told about it.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { checkDelta } from '../../graph/merge-step.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
import type { Entry, EventEntry, RunEnd, RunEntry } from '../../journal/entry.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import type { Question } from '../../journal/question.ts';
import type { Clock } from '../../port/clock.ts';
import type { Oracle } from '../../port/oracle.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import type { Later } from '../../port/store.ts';
import type { World } from '../../port/world.ts';
import { Activity } from './rest-watch.ts';
import { ChunkBuffer } from './chunk-buffer.ts';
import type { EventDelivery } from './event-delivery.ts';
import type { JournalWriter } from './journal-writer.ts';
import type { Lingering } from './lingering.ts';
import type { Notes } from './notes.ts';
import type { Durability } from '../options/engine-options.ts';
import { OnceLedger } from './once-ledger.ts';
import { Parking } from './parking.ts';
import type { Slots } from './slots.ts';

export interface RunCoreSetup {
  /** The run's first entry, with the graph that it goes on with. */
  readonly run: RunEntry;
  readonly clock: Clock;
  readonly oracle: Oracle;
  readonly world: World;
  readonly writer: JournalWriter;
  readonly slots: Slots;
  readonly events: EventDelivery | undefined;
  readonly notes: Notes;
  readonly lingering: Lingering;
  readonly limits: { readonly maxBytes: number };
  readonly maxSteps: number;
  readonly maxTasks: number;
  readonly isDurable: boolean;
  readonly durability: Durability;
  /** A run that only waits for longer than this leaves memory. */
  readonly parkMs: number;
  readonly breakpoints: Breakpoints;
}

/** Nodes before and after which the run pauses. Observed: nothing that is compared depends on them. */
export interface Breakpoints {
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
}

/** Why a run stops before its frontier is empty. */
export type Cut =
  | { readonly kind: 'end'; readonly end: RunEnd }
  /** The store failed: nothing can be written any more, not even that. */
  | { readonly kind: 'broken'; readonly thrown: unknown }
  /** The process lets go of the run; it can be resumed. */
  | { readonly kind: 'interrupted' }
  /** All of it waits. `refused`: an answer was given that does not do. */
  | { readonly kind: 'paused'; readonly refused?: unknown }
  /** What the journal holds does not fit what the code does now: nothing of it may be written. */
  | { readonly kind: 'diverged'; readonly error: Error };

/** A step as the run sees it when nothing goes on. */
export interface OpenStep {
  /** Ends it where a task has failed and the rest waits; tells whether it did. */
  endIfFailed(): boolean;
}

export class RunCore {
  /** Changed where the run goes on with a newer version of its graph. */
  run: RunEntry;
  readonly runId: string;
  readonly seed: string;
  readonly clock: Clock;
  readonly oracle: Oracle;
  readonly world: World;
  readonly writer: JournalWriter;
  readonly slots: Slots;
  readonly events: EventDelivery | undefined;
  readonly notes: Notes;
  readonly lingering: Lingering;
  readonly limits: { readonly maxBytes: number };
  readonly maxSteps: number;
  readonly maxTasks: number;
  readonly isDurable: boolean;
  readonly durability: Durability;
  readonly breakpoints: Breakpoints;
  readonly activity: Activity;
  readonly parking: Parking;
  readonly once = new OnceLedger();
  /** What is asked of people now, by key. */
  readonly questions = new Map<string, Question>();
  /** What people answered, until the question is asked again. */
  answers = new Map<string, Value>();
  readonly chunks: ChunkBuffer;
  /** Readers of this process that the nodes wait for. */
  readers: ReaderGate | undefined;
  /** Steps that are under way, those of inner runs too. */
  readonly openSteps = new Set<OpenStep>();
  /** The error of a limit that was reached, as the journal holds it: known again by being this very object. */
  readonly limitErrors = new WeakSet<object>();
  /** Of each task of this root step and its inner runs, the attempt that is done; kept only where a sink asks for it. */
  doneAttempts: Map<string, number> | undefined;
  /** Set when the run as a whole has to stop, whatever its tasks do. */
  cut: Cut | undefined;
  /** Of a resumed run: what its journal holds of the step that was under way. */
  known: ReadonlySet<string> | undefined;
  /** And how many inner steps of each of its steps are not gone through again. */
  endedInnerSteps: ReadonlyMap<string, number> | undefined;
  /** Aborts what is under way. */
  onCut: (reason: Error) => void = () => undefined;

  constructor(setup: RunCoreSetup) {
    this.run = setup.run;
    this.runId = setup.run.observed.runId;
    this.seed = setup.run.seed;
    this.clock = setup.clock;
    this.oracle = setup.oracle;
    this.world = setup.world;
    this.writer = setup.writer;
    this.slots = setup.slots;
    this.events = setup.events;
    this.notes = setup.notes;
    this.lingering = setup.lingering;
    this.limits = setup.limits;
    this.maxSteps = setup.maxSteps;
    this.maxTasks = setup.maxTasks;
    this.isDurable = setup.isDurable;
    this.durability = setup.durability;
    this.breakpoints = setup.breakpoints;
    this.chunks = new ChunkBuffer(
      setup.clock,
      (entry) => setup.writer.add(entry),
      () => this.#showChunks(),
    );
    this.activity = new Activity(setup.clock);
    this.parking = new Parking(setup.parkMs);
    this.activity.onRest = () => this.#rest();
    setup.writer.onCancel = ({ reason }) => this.cancel(reason);
  }

  /** Ends the run as cancelled, with what that makes of its tasks. */
  cancel(reason: unknown): void {
    const error = new RepriseError('run-cancelled', `run "${this.runId}" was cancelled`, {
      nextStep: 'Nothing to do if that was meant: `run.reason` tells why.',
      ...(reason === undefined ? {} : { cause: reason }),
    });
    this.cutWith({ kind: 'end', end: { status: 'cancelled', reason: reasonValue(reason) } }, error);
  }

  /** Somebody answered what does not do: the question stays open, and they are told. */
  refuseAnswer(refused: unknown): void {
    this.cutWith({ kind: 'paused', refused }, new Error('paused'));
  }

  pause(): void {
    this.cutWith({ kind: 'paused' }, new Error('paused'));
  }

  /** All that is left waits. A step that has failed does not: it ends, and its questions stay open. */
  #rest(): void {
    for (const step of [...this.openSteps].reverse()) if (step.endIfFailed()) return;
    this.pause();
  }

  /** A step of the run itself was committed. */
  committed(): void {
    this.known = undefined;
    this.endedInnerSteps = undefined;
    this.once.clear();
  }

  /** Where a resumed run goes over what is in its journal already, that is not written again. */
  add(entry: Entry): void {
    // What an attempt gave stands before how it ended.
    if (entry.kind === 'outcome') this.chunks.drain();
    if (this.known?.has(entryIdentity(entry)) !== true) this.writer.add(entry);
  }

  /** @throws what the store throws; then the run can go no further, and is cut as broken */
  flush(checkpoint?: () => RunCheckpoint): Later<void> {
    this.chunks.drain();
    try {
      const written = this.writer.flush(checkpoint);
      return written === undefined ? undefined : written.catch((thrown: unknown) => this.#broken(thrown));
    } catch (thrown) {
      return this.#broken(thrown);
    }
  }

  /** A step of the run itself is in the store. @throws like `flush` */
  dropChunks(): Later<void> {
    try {
      const dropped = this.writer.dropChunks();
      return dropped === undefined ? undefined : dropped.catch((thrown: unknown) => this.#broken(thrown));
    } catch (thrown) {
      return this.#broken(thrown);
    }
  }

  /**
   * Everything that something outside is about to depend on is in the store, as far as the level of durability says, when
   * this returns or when its promise resolves.
   */
  ready(): Later<void> {
    return this.durability === 'effect' || this.writer.isMarked ? this.flush() : undefined;
  }

  /** Chunks are for readers: from the store, or from what it is going to get with the commit. */
  #showChunks(): void {
    if (this.durability === 'effect') {
      this.writeSoon();
      return;
    }
    this.chunks.drain();
    this.writer.onAppended();
  }

  /** Writes what there is without waiting for it. A store that fails is told of by the run itself. */
  writeSoon(): void {
    try {
      this.flush()?.catch(() => undefined);
    } catch {
      // Likewise.
    }
  }

  emit(event: EventEntry, node: string): void {
    this.add(event);
    this.events?.arrived(event, node, () => this.ready());
  }

  checkDelta(graph: GraphSpec, delta: Value, node: string): void {
    checkDelta(graph.state, delta, node);
  }

  /** Stops the run; the first reason stays. */
  cutWith(cut: Cut, reason: Error): void {
    if (this.cut !== undefined) return;
    this.cut = cut;
    this.onCut(reason);
  }

  #broken(thrown: unknown): never {
    this.cutWith({ kind: 'broken', thrown }, thrown instanceof Error ? thrown : new Error(String(thrown)));
    throw thrown;
  }
}

function reasonValue(reason: unknown): Value {
  try {
    return canonicalValue(reason, 'the reason of a cancel');
  } catch {
    return String(reason);
  }
}
