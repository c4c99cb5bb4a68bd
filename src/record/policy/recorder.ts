// Turns ended runs into fixtures, beside the runs and behind them.
//   Owns:         which ended runs are looked at, what is written at once, what is counted and told.
//   Not its job:  whether a run is recorded (decision.ts), where fixtures go (fixture-target.ts).
//   R1. The store is the queue: nothing waits in memory, and what a dead process left is found here.
//   R2. At most `writingMax` fixtures are written at once. One that never ends keeps its place, and is told of in time.
//   R3. At most `waitingMax` wait. What comes after that is dropped, told and counted.
//   R4. A run is marked last: bodies are dropped, or the fixture is written, before that. So a crash leaves work that is
//       done again, and never a run that was forgotten.
//   R5. Chunks are dropped `readMs` after that: a reader may not have come to the end of its run, or comes back.
//   R6. What a policy or a target does is no part of a run: its HTTP calls are not recorded.
import { AsyncLocalStorage } from 'node:async_hooks';
import { RepriseError, messageOf } from '../../base/error.ts';
import type { RecordOptions } from '../../engine/options/record-options.ts';
import { noteText } from '../../journal/run/replay-doubts.ts';
import { inLaterTurn } from '../../live/event-loop/turns.ts';
import { aroundRuns } from '../../port/attempt.ts';
import type { Clock } from '../../port/clock.ts';
import type { ObservedRun, RecordingOutcome, RunRecording } from '../../port/observer.ts';
import type { Recordings, ReservedRun, ReserveQuery } from '../../port/recordings.ts';
import type { RunStore } from '../../port/store.ts';
import { fixtureBytes, fixtureNameParts } from '../export-run.ts';
import { decided, decidedByStatus } from './decision.ts';
import type { Decision } from './decision.ts';
import { endedRun } from './ended-run.ts';
import { fixtureTarget } from './fixture-target.ts';
import type { FixtureTarget } from './fixture-target.ts';
import { Outgoing, TooLarge } from './outgoing.ts';

export interface RecorderLimits {
  readonly writingMax: number;
  readonly waitingMax: number;
  /** How long one fixture may take to write. */
  readonly writeMs: number;
  /** How long to wait before each further try. */
  readonly retryMs: readonly number[];
  /** How long a run that is not recorded keeps its chunks, for readers that have not come to its end. */
  readonly readMs: number;
  /** How often to look for what other processes left. */
  readonly pollMs: number;
}

export const recorderLimits: RecorderLimits = {
  writingMax: 4,
  waitingMax: 1_000,
  writeMs: 60_000,
  retryMs: [10_000, 60_000],
  readMs: 300_000,
  pollMs: 30_000,
};

const maxBytesDefault = 16 * 1024 * 1024;
const decisionsPerTurn = 20;

/** How many runs of an engine were recorded, and what became of the others. */
export interface RecordingCounts {
  readonly recorded: number;
  /** The policy did not ask for them. */
  readonly skipped: number;
  /** They were asked for and are not recorded: too large, too many, or the target failed each time. */
  readonly lost: number;
  /** Tries that failed, and are made again. */
  readonly failedTries: number;
}

export interface RecorderSetup {
  readonly store: RunStore;
  readonly recordings: Recordings;
  readonly graph: string;
  readonly options: RecordOptions;
  readonly clock: Clock;
  /** How long to finish when the engine closes. */
  readonly graceMs: number;
  readonly tell: (run: ObservedRun, recording: RunRecording) => void;
  readonly limits?: RecorderLimits;
}

/** A fixture that is being written. */
interface Writing {
  readonly run: ReservedRun;
  readonly outgoing: Outgoing;
  /** Paths of the rules at which nothing stood. */
  readonly unmatched: ReadonlySet<string>;
  /** The run was marked, in time or not. */
  isMarked: boolean;
}

export class Recorder {
  readonly #setup: RecorderSetup;
  readonly #limits: RecorderLimits;
  readonly #target: FixtureTarget;
  readonly #outside: <Result>(task: () => Result) => Result;
  readonly #counts = { recorded: 0, skipped: 0, lost: 0, failedTries: 0 };
  readonly #writing = new Set<Writing>();
  readonly #warned = new Set<string>();
  #state: 'new' | 'open' | 'closing' | 'closed' = 'new';
  /** The round that is under way. */
  #round: Promise<void> | undefined;
  /** There may be more to do than that round has seen. */
  #isAsked = false;
  /** Whether the next round looks for runs whose chunks were kept long enough. */
  #isDropping = true;
  #cancelPoll: () => void = () => undefined;
  #whenWritten: () => void = () => undefined;

  constructor(setup: RecorderSetup) {
    this.#setup = setup;
    this.#limits = setup.limits ?? recorderLimits;
    this.#target = fixtureTarget(setup.options.to);
    this.#outside = aroundRuns(() => AsyncLocalStorage.snapshot());
  }

  get counts(): RecordingCounts {
    return { ...this.#counts };
  }

  /** The engine has something to do with its store. */
  begin(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    this.#poll();
    this.wake();
  }

  /** A run has ended. */
  wake(): void {
    if (this.#state !== 'open') return;
    this.#isAsked = true;
    if (this.#round !== undefined) return;
    this.#round = this.#outside(() => this.#rounds());
  }

  /** Resolves once there is nothing left to do, or after `graceMs`. What is left then is the next process's. */
  async close(): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    const hasBegun = this.#state === 'open';
    this.#state = 'closing';
    this.#cancelPoll();
    if (hasBegun) await this.#drainInTime();
    this.#state = 'closed';
    await Promise.all([...this.#writing].map((writing) => this.#giveBack(writing)));
  }

  #poll(): void {
    const { clock } = this.#setup;
    this.#outside(() => {
      this.#cancelPoll = clock.setTimer(
        this.#limits.pollMs,
        () => {
          this.#isDropping = true;
          this.wake();
          this.#poll();
        },
        'background',
      );
    });
  }

  async #rounds(): Promise<void> {
    // After the run that has ended has told its caller.
    await new Promise<void>((resolve) => this.#setup.clock.setTimer(0, resolve));
    while (this.#isAsked && this.#state !== 'closed') {
      this.#isAsked = false;
      try {
        await this.#decideAll();
        await this.#fill();
        if (this.#isDropping) await this.#dropKept();
      } catch (thrown) {
        this.#warn('store', `cannot use the store: ${messageOf(thrown)}`);
      }
    }
    this.#round = undefined;
  }

  #drainInTime(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#setup.clock.setTimer(this.#setup.graceMs, () => {
        this.#warn(
          'closed',
          `was not done ${this.#setup.graceMs} ms after the engine closed: the next process has to write the rest`,
        );
        resolve();
      });
      void this.#outside(() => this.#drain()).then(() => {
        cancel();
        resolve();
      });
    });
  }

  async #drain(): Promise<void> {
    for (;;) {
      this.#isAsked = true;
      this.#round ??= this.#rounds();
      await this.#round;
      if (this.#writing.size === 0 || this.#state === 'closed') return;
      await new Promise<void>((resolve) => (this.#whenWritten = resolve));
    }
  }

  #reserve(stage: ReserveQuery['stage'], limit: number): Promise<readonly ReservedRun[]> | readonly ReservedRun[] {
    const { recordings, graph } = this.#setup;
    return recordings.reserve({ graph, stage, forMs: 2 * this.#limits.writeMs, limit });
  }

  async #decideAll(): Promise<void> {
    while (this.#state !== 'closed') {
      const runs = await this.#reserve('open', decisionsPerTurn);
      if (runs.length === 0) return;
      for (const run of runs) {
        await this.#decide(run);
        await new Promise<void>(inLaterTurn);
      }
    }
  }

  async #dropKept(): Promise<void> {
    this.#isDropping = false;
    while (this.#state === 'open') {
      const runs = await this.#reserve('not-recorded', decisionsPerTurn);
      if (runs.length === 0) return;
      for (const run of runs) {
        await this.#drop(run, 'nothing');
        await this.#setup.recordings.mark(run, { status: 'dropped' });
        await new Promise<void>(inLaterTurn);
      }
    }
  }

  /** Returns whether there are chunks that stay for a while. */
  async #drop(run: ReservedRun, keeps: 'chunks' | 'nothing'): Promise<boolean> {
    try {
      return await this.#setup.recordings.dropBodies(run, keeps);
    } catch (thrown) {
      if (!isFinal(thrown)) throw thrown;
      return false;
    }
  }

  async #decide(run: ReservedRun): Promise<void> {
    const { recordings, graph, options } = this.#setup;
    const { maxBytes = maxBytesDefault } = options;
    const decision = await this.#decision(run);
    if (decision === undefined) return;
    if (!decision.isRecorded) return this.#skip(run, decision.why, decision.fault === true ? 'undecided' : undefined);
    if ((await recordings.bytesOf(run.runId)) > maxBytes) return this.#skip(run, 'too large', 'too large');
    if ((await recordings.wantedCount(graph, this.#limits.waitingMax)) >= this.#limits.waitingMax) {
      this.#warn('slow', `is slower than the runs: ${this.#limits.waitingMax} fixtures wait, further ones are dropped`);
      return this.#skip(run, 'too many were waiting', 'slow');
    }
    await recordings.mark(run, { status: 'wanted', afterMs: 0, tries: 0 });
  }

  async #decision(run: ReservedRun): Promise<Decision | undefined> {
    const { store, options } = this.#setup;
    const known = decidedByStatus(options, run.status);
    if (known !== undefined) return known;
    try {
      const read = await endedRun(store, run);
      return read === undefined ? undefined : this.#outside(() => decided(options, read.ended, read.seed));
    } catch (thrown) {
      if (!isFinal(thrown)) throw thrown;
      return { isRecorded: false, why: messageOf(thrown), fault: true };
    }
  }

  /** `loss`: what kept from being recorded what should have been. */
  async #skip(run: ReservedRun, why: string, loss: string | undefined): Promise<void> {
    const { recordings } = this.#setup;
    const reason = noteText({ message: why });
    const hasChunks = await this.#drop(run, 'chunks');
    const keeps = hasChunks ? { keepsMs: this.#limits.readMs } : {};
    await recordings.mark(run, { status: 'not-recorded', why: reason, ...keeps });
    this.#counts[loss === undefined ? 'skipped' : 'lost'] += 1;
    if (loss === undefined) return;
    // Without the ID of the run, which may be what must not be told.
    this.#warn(loss, `lost the recording of a run for good: ${reason}`);
    this.#tell(run, { status: 'not-recorded', why: reason });
  }

  /** Writes as many of the wanted as there are places for. */
  async #fill(): Promise<void> {
    while (this.#writing.size < this.#limits.writingMax && this.#state !== 'closed') {
      const [run] = await this.#reserve('wanted', 1);
      if (run === undefined) return;
      this.#write(run);
    }
  }

  #write(run: ReservedRun): void {
    const { store, options, graph, clock } = this.#setup;
    const { maxBytes = maxBytesDefault, redact } = options;
    const exporting = redact === undefined ? {} : { redact };
    const unmatched = new Set<string>();
    const noted = (path: string): void => void unmatched.add(path);
    const outgoing = new Outgoing(() => fixtureBytes(store, run.runId, exporting, noted), maxBytes);
    const writing: Writing = { run, outgoing, unmatched, isMarked: false };
    this.#writing.add(writing);
    const cancel = clock.setTimer(
      this.#limits.writeMs,
      () => {
        outgoing.abandon();
        void this.#guarded(() => this.#failed(writing, `not written within ${this.#limits.writeMs} ms`));
      },
      'background',
    );
    const fixture = { name: fixtureNameParts(graph, run.runId).join('/'), bytes: () => outgoing.bytes() };
    void this.#target(fixture)
      .then(
        (name) => this.#guarded(() => this.#written(writing, name)),
        (thrown: unknown) => this.#guarded(() => this.#failed(writing, messageOf(thrown))),
      )
      .finally(() => {
        cancel();
        this.#writing.delete(writing);
        this.#whenWritten();
        this.wake();
      });
  }

  /** The engine may have closed its store meanwhile. */
  async #guarded(mark: () => Promise<void>): Promise<void> {
    try {
      await mark();
    } catch (thrown) {
      if (this.#state !== 'closed') this.#warn('store', `cannot use the store: ${messageOf(thrown)}`);
    }
  }

  async #written(writing: Writing, name: string): Promise<void> {
    const { run, outgoing, unmatched } = writing;
    if (outgoing.fault !== undefined || !outgoing.isWhole)
      return this.#failed(writing, 'the target did not read the fixture to its end');
    if (writing.isMarked) return;
    writing.isMarked = true;
    await this.#setup.recordings.mark(run, { status: 'recorded', name });
    this.#counts.recorded += 1;
    const unmatchedPaths = unmatched.size === 0 ? {} : { unmatchedPaths: [...unmatched] };
    this.#tell(run, { status: 'recorded', name, ...unmatchedPaths });
  }

  async #failed(writing: Writing, why: string): Promise<void> {
    const { run, outgoing } = writing;
    if (writing.isMarked) return;
    writing.isMarked = true;
    const thrown = outgoing.fault?.thrown;
    if (thrown instanceof TooLarge) return this.#skip(run, 'too large', 'too large');
    if (isFinal(thrown)) return this.#skip(run, messageOf(thrown), thrown.code);
    this.#warn('failed', `could not write a fixture: ${why}`);
    const delayMs = this.#limits.retryMs[run.tries];
    if (delayMs === undefined) return this.#skip(run, `could not be written: ${why}`, 'lost');
    const { recordings } = this.#setup;
    await recordings.mark(run, { status: 'wanted', afterMs: delayMs, tries: run.tries + 1 });
    this.#counts.failedTries += 1;
    this.#tell(run, { status: 'failed', why: noteText({ message: why }) });
  }

  /** The next process need not wait until the reservation ends. */
  async #giveBack(writing: Writing): Promise<void> {
    const { run, outgoing } = writing;
    outgoing.abandon();
    if (writing.isMarked) return;
    writing.isMarked = true;
    await this.#guarded(async () =>
      this.#setup.recordings.mark(run, { status: 'wanted', afterMs: 0, tries: run.tries }),
    );
  }

  #tell({ runId }: ReservedRun, outcome: RecordingOutcome): void {
    const { graph, clock, tell } = this.#setup;
    tell({ runId, graph }, { ...outcome, time: clock.now() });
  }

  /** Warns once per kind of problem. */
  #warn(kind: string, what: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    process.emitWarning(`the recorder of graph "${this.#setup.graph}" ${what}`, { code: 'REPRISE_RECORDER' });
  }
}

const finalCodes: readonly string[] = [
  'value-too-large',
  'chunks-dropped',
  'run-not-kept',
  'run-unknown',
  'store-unreadable',
  'secret-found',
];

/** Whether another try would end the same. */
function isFinal(thrown: unknown): thrown is RepriseError {
  return thrown instanceof RepriseError && finalCodes.includes(thrown.code);
}
