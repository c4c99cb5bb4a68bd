// Drives the runs of one graph: begins and resumes them, and releases everything when it is closed.
//   H1. A run is driven at most once in this engine, also when several callers resume it at once.
//   H2. A run that begins while the engine closes is either driven or released.
import { checkOptions } from '../../base/options/option-shape.ts';
import type { BuiltGraph } from '../../graph/built-graph.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { Question } from '../../journal/step/question.ts';
import type { RecordingEngine, UnattributedRequest } from '../../port/effect-source.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import { leaveStore } from '../../port/store-users.ts';
import type { EngineSettings } from '../options/engine-options.ts';
import { checkedEnqueue } from '../options/enqueue-options.ts';
import type { EnqueueOptions } from '../options/enqueue-options.ts';
import { forkOptions } from '../options/fork-options.ts';
import type { ForkOptions } from '../options/fork-options.ts';
import { checkResumeOptions, checkRunOptions } from '../options/run-options.ts';
import type { ResumeOptions, RunOptions } from '../options/run-options.ts';
import { checkedStream } from '../options/stream-options.ts';
import type { StreamOptions } from '../options/stream-options.ts';
import { closedError, isTaken, notResumable, withAnswersKept } from '../rules/engine-errors.ts';
import { withoutTerms } from '../rules/run-terms.ts';
import { attach, attachOrTakeOver } from '../stored/attach.ts';
import type { AttachSetup } from '../stored/attach.ts';
import { checkSameRun } from '../stored/same-run.ts';
import type { ReadOptions } from '../../stream/read-options.ts';
import type { Reader } from '../../stream/reader.ts';
import { ActiveRuns, mayResume } from './active-runs.ts';
import { beginRun, firstInput, firstState, newRun } from './begin-run.ts';
import type { BeginSetup } from './begin-run.ts';
import { orGivenBack } from './worker/due-runs.ts';
import type { FoundDue, OwnDue } from './worker/due-runs.ts';
import { Suspects } from './worker/suspects.ts';
import type { HostPorts, RunContext } from './host-ports.ts';
import { InboxWatch } from './inbox-watch.ts';
import { Owner } from './owner.ts';
import { createFork } from './fork-run.ts';
import { resumeRun } from './resume-run.ts';
import type { ResumeSetup } from './resume-run.ts';
import { RunCancels } from './run-cancels.ts';
import { RunMessages, resultFor } from './run-messages.ts';
import type { Answered } from './run-messages.ts';
import { RunReaders } from './run-readers.ts';
import { RunTurns } from './run-turns.ts';
import { timeNow } from './store-clock.ts';
import type { DueRun, WorkHost } from './worker/worker.ts';

/** A run that is driven from here on. An object, so that awaiting it does not await the end of the run. */
type Begun = Pick<Answered, 'result'>;

export class RunHost implements WorkHost, RecordingEngine {
  readonly #context: RunContext;
  readonly #owner: Owner;
  readonly #active: ActiveRuns;
  readonly #readers: RunReaders;
  /** Runs that are being begun or taken over. */
  readonly #turns = new RunTurns();
  readonly #messages: RunMessages;
  readonly #cancels: RunCancels;
  readonly #suspects: Suspects;
  #uninstall: readonly (() => void)[] | undefined;
  #isClosed = false;

  constructor(graph: BuiltGraph, ports: HostPorts, settings: EngineSettings) {
    const { clock, store, entropy, rejections } = ports;
    const onGrown = (runId: string): void => this.#readers.tell(runId);
    const watch = new InboxWatch(clock, () => this.#active.all.map(({ inbox }) => inbox));
    this.#context = { engine: this, graph: graph.spec, ports, settings, onGrown, onAwaited: () => watch.start() };
    this.#owner = new Owner({
      id: entropy.owner?.() ?? entropy.runId(),
      clock,
      store,
      leaseMs: settings.leaseMs,
      isGone: entropy.isGone?.bind(entropy),
      onCancel: (request) => this.#cancels.requested(request),
      onMessage: (runId) => void (runId === undefined ? watch.look() : this.#active.get(runId)?.inbox.look()),
    });
    this.#cancels = new RunCancels(ports, this.#owner, {
      active: (id) => this.#active.get(id),
      changing: (id) => this.#turns.of(id),
      takeOver: (id) => this.#takeOver(id, Number.POSITIVE_INFINITY),
      checkOpen: () => this.#checkOpen(),
    });
    this.#messages = new RunMessages(this.#context, (runId) => this.#active.get(runId)?.inbox);
    this.#active = new ActiveRuns({ clock, rejections, owner: this.#owner, onEnd: onGrown });
    this.#suspects = new Suspects(this.#owner, settings.maxTakeovers, this.#active, this.#turns);
    this.#readers = new RunReaders({
      clock,
      store,
      readsTail: settings.durability !== 'effect',
      tailOf: (runId) => this.#active.get(runId)?.tail,
      result: (runId) => attach(this.#attaching, runId),
      cancel: (runId, reason) => this.cancel(runId, reason),
      checkOpen: () => this.#checkOpen(),
      isOpen: () => !this.#isClosed,
    });
  }

  async run(input: unknown, options: RunOptions): Promise<AnyRun> {
    return (await this.#begin(input, options, undefined)).result;
  }

  /** Runs the graph for a reader. */
  stream(input: unknown, options: StreamOptions): Reader {
    const { store, entropy } = this.#context.ports;
    const isOnDisk = store.isDurable && this.#context.settings.durability === 'effect';
    const { read, run } = checkedStream(options, isOnDisk);
    const runId = run.runId ?? entropy.runId();
    return this.#readers.stream(runId, read, (gate) => this.#begin(input, { ...run, runId }, gate));
  }

  /** A reader of any run of the store: driven here or elsewhere, or ended. */
  read(runId: string, options: ReadOptions): Reader {
    return this.#readers.read(runId, options);
  }

  async #begin(input: unknown, options: RunOptions, readers: ReaderGate | undefined): Promise<Begun> {
    checkRunOptions(options);
    this.#checkOpen();
    const runId = options.runId ?? this.#context.ports.entropy.runId();
    const setup = { runId, input, options, owner: this.#owner, readers };
    try {
      return await this.#turns.take(runId, () => this.#begun(setup));
    } catch (thrown) {
      if (options.onExisting !== 'attach' || !isTaken(thrown)) throw thrown;
      await checkSameRun(this.#context.ports.store, runId, firstInput(this.#context, input), this.#context.graph.name);
      return { result: this.#attach(runId) };
    }
  }

  async #begun(setup: BeginSetup): Promise<Begun> {
    this.#checkOpen();
    const owned = await beginRun(this.#context, setup);
    if (this.#isClosed) {
      await this.#owner.letGo(owned.lease);
      throw closedError();
    }
    this.#install();
    return { result: this.#active.drive(owned, setup.options.signal) };
  }

  /** Writes a run for a worker, which takes it up when it is due. Resolves to its id, once the run is stored. */
  async enqueue(input: unknown, options: EnqueueOptions): Promise<string> {
    const { at, ...given } = checkedEnqueue(options);
    this.#checkOpen();
    const { store, clock, entropy } = this.#context.ports;
    const { runId = entropy.runId() } = given;
    const first = firstState(this.#context, input);
    const now = await timeNow(clock);
    const due = Math.max(at ?? now, now);
    const { run, commit } = newRun(this.#context, { runId, first, options: given }, due);
    // What is due at once is due for everybody, whatever this clock says.
    const wakeAt = due === now ? 0 : due;
    try {
      await this.#turns.take(runId, async () => store.create(run, [commit], { status: 'queued', wakeAt }));
    } catch (thrown) {
      if (given.onExisting !== 'attach' || !isTaken(thrown)) throw thrown;
      await checkSameRun(store, runId, commit.input, this.#context.graph.name);
    }
    return runId;
  }

  /** Resumes a run that is paused, was interrupted, has failed, or whose process died. */
  async resume(runId: string, options: ResumeOptions = {}): Promise<AnyRun> {
    checkResumeOptions(options);
    this.#checkOpen();
    // Where the run pauses after this call, the caller has not seen it.
    const isBusy = this.#turns.of(runId) !== undefined || this.#active.get(runId) !== undefined;
    const answered = this.#messages.answerBeforeResume(runId, options);
    const answers = answered === undefined ? [] : await answered;
    for (;;) {
      // Concurrent resumes in this engine would steal the lease from each other.
      const turn = this.#turns.of(runId);
      if (turn !== undefined) await turn;
      const active = this.#active.get(runId);
      if (active === undefined && this.#turns.of(runId) === undefined) break;
      if (active === undefined) continue;
      const run = await active.result.catch(() => undefined);
      if (answers.length > 0 && (await this.#messages.areTaken(runId, answers))) return resultFor(active, answers);
      if (!mayResume(run)) throw notResumable(runId, 'it was under way in this engine', 'See its result.');
    }
    const by = isBusy ? 'takeover' : 'caller';
    const setup = { runId, options, owner: this.#owner, by, parkMs: Number.POSITIVE_INFINITY } as const;
    const resumed = await this.#resumed(setup).catch((thrown: unknown) => {
      throw answers.length === 0 ? thrown : withAnswersKept(thrown);
    });
    return answers.length === 0 ? resumed.result : resultFor(resumed, answers);
  }

  #resumed(setup: ResumeSetup): Promise<Answered> {
    return this.#turns.take(setup.runId, async () => {
      // It may have been closed meanwhile, and does not wait for a resume that begins after that.
      this.#checkOpen();
      const owned = await resumeRun(this.#context, setup).finally(() => this.#rest());
      if (this.#isClosed) owned.parts.stop.interrupt();
      this.#install();
      const result = this.#active.drive(owned, setup.options.signal);
      return { result, questions: owned.parts.questions };
    });
  }

  /** The lease was kept while a run was read. Where that failed, it may be nobody's. */
  #rest(): void {
    if (this.#active.all.length === 0 && this.#turns.all.length === 1) this.#owner.stop();
  }

  /** Drives a run whose process is gone, unless this engine does by now. */
  async #takeOver(runId: string, parkMs: number, claimed?: OwnDue): Promise<AnyRun> {
    for (let turn = this.#turns.of(runId); turn !== undefined; turn = this.#turns.of(runId)) await turn;
    const active = this.#active.get(runId);
    if (active !== undefined) return active.result;
    const setup = { runId, options: {}, owner: this.#owner, by: 'takeover', parkMs, claimed } as const;
    const by = { owner: this.#owner, fingerprint: this.#context.graph.fingerprint };
    return (await orGivenBack(by, claimed, () => this.#resumed(setup))).result;
  }

  /** Answers an open question. The run continues where it is driven, or once it is resumed. */
  async answer(runId: string, keyOrId: string | undefined, value: unknown): Promise<Question> {
    this.#checkOpen();
    return this.#messages.answer(runId, keyOrId, value);
  }

  /** Sends a signal to a run, whether or not it waits for one. */
  async send(runId: string, name: string, value: unknown): Promise<void> {
    this.#checkOpen();
    return this.#messages.send(runId, name, value);
  }

  /** Cancels a run, whichever process drives it. Returns whether there was anything left to cancel. */
  cancel(runId: string, reason: unknown): Promise<boolean> {
    return this.#cancels.cancel(runId, reason);
  }

  /** Resumes runs of this graph that are due and that nobody drives: one round. */
  async resumeDue(
    limit: number,
    skip: ReadonlySet<string>,
    parkMs = Number.POSITIVE_INFINITY,
    maxRunsPerTenant?: number,
  ): Promise<readonly DueRun[]> {
    this.#checkOpen();
    const { graph, ports } = this.#context;
    const busy = [...skip, ...this.#active.ids, ...this.#turns.ids];
    const begin = (due: FoundDue): DueRun => ({ ...due, result: this.#takeOver(due.runId, parkMs, due.claimed) });
    return this.#suspects.due({ store: ports.store, graph, limit, maxRunsPerTenant, skip: busy }, begin);
  }

  /** Begins a new run from a commit of another, and drives it. */
  async fork(parentId: string, options: ForkOptions, resume: ResumeOptions): Promise<AnyRun> {
    checkOptions(forkOptions, options);
    checkResumeOptions(resume);
    this.#checkOpen();
    const { runId, lease } = await createFork(this.#context, this.#owner, { parentId, options, resume });
    try {
      return await this.resume(runId, withoutTerms(resume));
    } catch (thrown) {
      await this.#owner.letGo(lease);
      throw thrown;
    }
  }

  /** Interrupts the runs in progress, and closes the store unless others use it. Called once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const claims = this.#suspects.close();
    await Promise.all(this.#turns.all);
    const active = this.#active.all;
    for (const { stop } of active) stop.interrupt();
    await Promise.allSettled([claims, ...active.map(({ result }) => result)]);
    await this.#owner.close();
    for (const uninstall of this.#uninstall ?? []) uninstall();
    this.#readers.close();
    await leaveStore(this.#context.ports.store);
  }

  /** The result of a run that this engine drives, or another process, or nobody any more. */
  #attach(runId: string): Promise<AnyRun> {
    return attachOrTakeOver(this.#attaching, runId, {
      driven: () => this.#active.get(runId)?.result,
      takeOver: () => this.#takeOver(runId, Number.POSITIVE_INFINITY),
      everyMs: this.#context.settings.leaseMs / 3,
    });
  }

  get #attaching(): AttachSetup {
    const { store, clock, attachPollMs } = this.#context.ports;
    return { store, clock, pollMs: attachPollMs, checkOpen: () => this.#checkOpen() };
  }

  noteUnattributed(request: () => UnattributedRequest | undefined): void {
    this.#active.noteUnattributed(request, this.#context.ports.paths);
  }

  #install(): void {
    this.#uninstall ??= this.#context.ports.sources.map((source) => source.install(this));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}
