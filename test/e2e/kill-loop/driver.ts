// The people and programs around the runs of the kill loop: they begin runs, send signals, answer questions, decide what
// is in doubt, and cancel. They see no more than the store and the outside.
import {
  answerStoredRun,
  cancelStoredRun,
  effectsInDoubtOf,
  openQuestionsOf,
  sendToStoredRun,
} from '../../../src/index.ts';
import type { Decided, Engine, RepriseError, RunStore, RunSummary } from '../../../src/index.ts';
import { collected } from '../../support/journals.ts';
import type { OutsideService } from './outside.ts';
import type { ReaderProcess, WorkerProcess } from './processes.ts';
import { answerOf, durabilities, signalCount } from './work.ts';
import type { Durability, Input } from './work.ts';

export interface DrivenRun {
  readonly runId: string;
  readonly durability: Durability;
  readonly input: Input;
  /** Round of the driver in which it is cancelled. */
  readonly cancelAt: number;
  round: number;
  askedAt: number;
  sent: number;
  status: RunSummary['status'] | undefined;
  isFinal: boolean;
  failedAt: number;
  /** Since when its journal has been as long as it is, without anybody to wait for, and how often workers had beaten. */
  still: { readonly entryCount: number; readonly status: string; readonly since: number; readonly beats: number };
  readonly decided: Set<string>;
  answers: number;
}

type Enqueue = Pick<Engine<unknown, Input>, 'enqueue'>;

export interface DriverSetup {
  readonly store: RunStore;
  readonly engines: ReadonlyMap<Durability, Enqueue>;
  readonly outside: OutsideService;
  readonly workers: readonly WorkerProcess[];
  readonly readers: readonly ReaderProcess[];
  readonly draw: () => number;
  readonly openMax: number;
}

/** How long after a failure a person decides: what was under way then has arrived by now. */
const decideAfterMs = 300;

const repeatedAnswer = ['question-answered', 'question-unknown', 'run-ended', 'run-not-resumable'];

export class Driver {
  readonly runs: DrivenRun[] = [];
  readonly counts = {
    signals: 0,
    answers: 0,
    refusedAnswers: 0,
    inDoubt: 0,
    values: 0,
    errors: 0,
    retries: 0,
    cancels: 0,
    limits: 0,
  };
  /** The longest time for which nothing happened to a run that had something to do. */
  longestStillMs = 0;
  /** The same in beats of a worker. */
  longestStillBeats = 0;
  /** No run is begun any more. */
  isEnding = false;
  readonly #setup: DriverSetup;

  constructor(setup: DriverSetup) {
    this.#setup = setup;
  }

  get open(): readonly DrivenRun[] {
    return this.runs.filter(({ isFinal }) => !isFinal);
  }

  get isDone(): boolean {
    return this.isEnding && this.open.length === 0;
  }

  async round(): Promise<void> {
    while (!this.isEnding && this.open.length < this.#setup.openMax) this.#add();
    for (const run of this.open) await this.#see(run);
  }

  #add(): void {
    const { draw } = this.#setup;
    const item = this.runs.length;
    const durability = durabilities[item % 2] as Durability;
    const runId = `${durability}-${item}`;
    this.runs.push({
      runId,
      durability,
      input: { runId, item, wakeAt: Date.now() + 1_500 },
      cancelAt: draw() < 0.15 ? 3 + Math.floor(draw() * 60) : Number.POSITIVE_INFINITY,
      round: 0,
      askedAt: 0,
      sent: 0,
      status: undefined,
      isFinal: false,
      failedAt: 0,
      still: { entryCount: 0, status: '', since: Date.now(), beats: 0 },
      decided: new Set(),
      answers: 0,
    });
  }

  async #see(run: DrivenRun): Promise<void> {
    const { store, readers, draw } = this.#setup;
    run.round += 1;
    const summary = await store.find(run.runId);
    if (summary === undefined) return this.#begin(run);
    if (run.status === undefined) for (const reader of readers) reader.follow({ runId: run.runId, isFinal: false });
    run.status = summary.status;
    if (summary.status === 'done' || summary.status === 'cancelled') {
      run.isFinal = true;
      for (const reader of readers) reader.follow({ runId: run.runId, isFinal: true });
      return;
    }
    if (run.round >= run.cancelAt && (await cancelStoredRun(store, run.runId, 'enough'))) {
      this.counts.cancels += 1;
      (run as { cancelAt: number }).cancelAt = Number.POSITIVE_INFINITY;
    }
    if (summary.status === 'failed') {
      await this.#decide(run);
      return;
    }
    run.failedAt = 0;
    if (run.sent <= signalCount && draw() < 0.2) await this.#send(run);
    const waits = draw() < 0.25 ? await this.#answer(run) : true;
    this.#watch(run, summary, waits);
  }

  async #begin(run: DrivenRun): Promise<void> {
    const { engines, workers, draw } = this.#setup;
    const { durability, input, runId } = run;
    if (Date.now() - run.askedAt < 2_000) return;
    run.askedAt = Date.now();
    if (draw() < 0.5) await engines.get(durability)?.enqueue(input, { runId, seed: runId, onExisting: 'attach' });
    else workers[Math.floor(draw() * workers.length)]?.send({ kind: 'begin', durability, input, seed: runId });
  }

  /** Signals of one name in the order of their numbers, and one of another name. */
  async #send(run: DrivenRun): Promise<void> {
    const name = run.sent < signalCount ? 'item' : 'inner';
    await unlessEnded(() => sendToStoredRun(this.#setup.store, run.runId, name, run.sent));
    run.sent += 1;
    this.counts.signals += 1;
  }

  /** Returns whether nobody has to answer anything. */
  async #answer(run: DrivenRun): Promise<boolean> {
    const { store, draw } = this.#setup;
    const open = await openQuestionsOf(store, run.runId);
    for (const { key, question } of open) {
      if (!(await unlessEnded(() => answerStoredRun(store, run.runId, key, answerOf(question))))) continue;
      run.answers += 1;
      this.counts.answers += 1;
      if (draw() < 0.7) continue;
      const refused = await answerStoredRun(store, run.runId, key, 'again').then(
        () => 'taken',
        (thrown: RepriseError) => thrown.code,
      );
      if (!repeatedAnswer.includes(refused)) throw new Error(`a second answer to ${run.runId} ${key}: ${refused}`);
      this.counts.refusedAnswers += 1;
    }
    return open.length === 0;
  }

  /** A run that failed is resumed with what the outside says of each effect in doubt. */
  async #decide(run: DrivenRun): Promise<void> {
    const { store, outside, workers, draw } = this.#setup;
    if (run.failedAt === 0) run.failedAt = Date.now();
    const isQuiet = !workers.some(({ isStopped }) => isStopped);
    if (!isQuiet) run.failedAt = Date.now();
    if (Date.now() - run.failedAt < decideAfterMs) return;
    const doubts = await effectsInDoubtOf(store, run.runId);
    if (doubts.length === 0 && !(await isAtLimit(store, run.runId)))
      throw new Error(`${run.runId} failed, and nothing is in doubt`);
    if (doubts.length === 0) this.counts.limits += 1;
    const decide: Record<string, Decided> = {};
    for (const { address, name, request } of doubts) {
      if (!run.decided.has(address)) this.counts.inDoubt += 1;
      run.decided.add(address);
      const fate = outside.fateOf(run.runId, name, request);
      const decided = decisionOn(fate, draw());
      this.counts[decided === 'retry' ? 'retries' : 'value' in decided ? 'values' : 'errors'] += 1;
      decide[address] = decided;
    }
    run.failedAt = Date.now();
    const { durability, runId } = run;
    workers[Math.floor(draw() * workers.length)]?.send({ kind: 'decide', durability, runId, decide });
  }

  get #beats(): number {
    const { workers } = this.#setup;
    return workers.reduce((sum, { beats }) => sum + beats, 0) / workers.length;
  }

  #watch(run: DrivenRun, { entryCount, status, wakeAt }: RunSummary, hasNoQuestion: boolean): void {
    const now = Date.now();
    const isSame = run.still.entryCount === entryCount && run.still.status === status;
    const waits = status === 'paused' && (wakeAt !== undefined ? wakeAt > now : run.sent <= signalCount);
    const isServed = this.#setup.workers.some(({ isReady, isStopped }) => isReady && !isStopped);
    if (!isSame || waits || !hasNoQuestion || !isServed)
      run.still = { entryCount, status, since: now, beats: this.#beats };
    this.longestStillBeats = Math.max(this.longestStillBeats, this.#beats - run.still.beats);
    this.longestStillMs = Math.max(this.longestStillMs, now - run.still.since);
  }
}

/** Its processes were killed so often in a row that nobody takes it over unasked. A person resumes it. */
async function isAtLimit(store: RunStore, runId: string): Promise<boolean> {
  const end = (await collected(store.read(runId))).findLast(({ kind }) => kind === 'end');
  return JSON.stringify(end).includes('"takeover-limit"');
}

function decisionOn(fate: ReturnType<OutsideService['fateOf']>, drawn: number): Decided {
  if (typeof fate === 'number') return { value: fate };
  return fate === 'refused' || drawn < 0.3 ? { error: 'it was refused' } : 'retry';
}

/** Whether the run had not ended. */
async function unlessEnded(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (thrown) {
    const { code } = thrown as RepriseError;
    if (!['run-ended', 'question-answered', 'question-unknown'].includes(code)) throw thrown;
    return false;
  }
}
