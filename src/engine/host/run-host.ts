// Drives the runs of one graph: begins and resumes them, and releases everything when it is closed.
//   H1. A run is driven at most once in this engine, also when several callers resume it at once.
//   H2. A run that begins while the engine closes is either driven or released.
import { RepriseError } from '../../base/error.ts';
import { checkOptions } from '../../base/options/option-shape.ts';
import type { BuiltGraph } from '../../graph/built-graph.ts';
import type { AnyRun } from '../../graph/run-types.ts';
import type { Question } from '../../journal/question.ts';
import type { RecordingEngine, UnattributedRequest } from '../../port/effect-source.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import type { EngineSettings } from '../options/engine-options.ts';
import { checkQuestionName } from '../options/message-options.ts';
import { forkOptions } from '../options/fork-options.ts';
import type { ForkOptions } from '../options/fork-options.ts';
import { checkResumeOptions, checkRunOptions } from '../options/run-options.ts';
import type { ResumeOptions, RunOptions } from '../options/run-options.ts';
import { checkedStream } from '../options/stream-options.ts';
import type { StreamOptions } from '../options/stream-options.ts';
import { closedError, notResumable, withAnswersKept } from '../rules/engine-errors.ts';
import { framesOf } from '../rules/read-stacks.ts';
import { attach, attachOrResume } from '../stored/attach.ts';
import type { AttachSetup } from '../stored/attach.ts';
import { sendAnswers } from '../stored/answers.ts';
import type { SentAnswer } from '../stored/answers.ts';
import { cancelRun } from '../stored/cancel-run.ts';
import { sendSignal } from '../stored/send-signal.ts';
import { forkOf } from '../stored/fork.ts';
import type { ReadOptions } from '../../stream/read-options.ts';
import type { Reader } from '../../stream/reader.ts';
import { ActiveRuns } from './active-runs.ts';
import type { ActiveRun } from './active-runs.ts';
import { beginRun, breakpointsOf } from './begin-run.ts';
import type { HostPorts, RunContext } from './host-ports.ts';
import { InboxWatch } from './inbox-watch.ts';
import { Owner } from './owner.ts';
import { answerBeforeResume, checkFork, giveBack, resumeRun } from './resume-run.ts';
import { RunReaders } from './run-readers.ts';
import type { DueRun, WorkHost } from './worker.ts';

interface Begun {
  readonly result: Promise<AnyRun>;
}

export class RunHost implements WorkHost, RecordingEngine {
  readonly #context: RunContext;
  readonly #owner: Owner;
  readonly #active: ActiveRuns;
  readonly #readers: RunReaders;
  /** Runs that are being taken over. Each promise resolves once that has succeeded or failed. */
  readonly #resuming = new Map<string, Promise<void>>();
  readonly #beginning = new Set<Promise<unknown>>();
  #uninstall: readonly (() => void)[] | undefined;
  #isClosed = false;

  constructor(graph: BuiltGraph, ports: HostPorts, settings: EngineSettings) {
    const { clock, store, entropy, rejections } = ports;
    const onGrown = (runId: string): void => this.#readers.tell(runId);
    const watch = new InboxWatch(clock, () => this.#active.all.map(({ inbox }) => inbox));
    const onAwaited = (): void => watch.start();
    this.#context = { engine: this, graph: graph.spec, ports, settings, onGrown, onAwaited };
    this.#owner = new Owner({
      id: entropy.owner?.() ?? entropy.runId(),
      clock,
      store,
      leaseMs: settings.leaseMs,
      isGone: entropy.isGone?.bind(entropy),
      onCancel: ({ runId, reason }) => this.#active.get(runId)?.stop.cancel(reason),
    });
    const onEnd = (runId: string): void => this.#readers.tell(runId);
    this.#active = new ActiveRuns({ clock, rejections, owner: this.#owner, onEnd });
    this.#readers = new RunReaders({
      clock,
      store,
      readsTail: settings.durability !== 'effect',
      tailOf: (runId) => this.#active.get(runId)?.tail,
      result: (runId) => attach(this.#attaching, runId),
      cancel: (runId, reason) => this.cancel(runId, reason),
      checkOpen: () => this.#checkOpen(),
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

  #begin(input: unknown, options: RunOptions, readers: ReaderGate | undefined): Promise<Begun> {
    const begun = this.#beginNow(input, options, readers);
    const settle = (): void => void this.#beginning.delete(begun);
    this.#beginning.add(begun);
    begun.then(settle, settle);
    return begun;
  }

  async #beginNow(input: unknown, options: RunOptions, readers: ReaderGate | undefined): Promise<Begun> {
    checkRunOptions(options);
    this.#checkOpen();
    const runId = options.runId ?? this.#context.ports.entropy.runId();
    const active = this.#active.get(runId);
    if (active !== undefined && options.onExisting === 'attach') return { result: active.result };
    try {
      const owned = await beginRun(this.#context, { runId, input, options, owner: this.#owner, readers });
      if (this.#isClosed) {
        await giveBack(this.#context, owned.lease);
        throw closedError();
      }
      this.#install();
      return { result: this.#active.drive(owned, options) };
    } catch (thrown) {
      const isTaken = thrown instanceof RepriseError && thrown.code === 'run-exists';
      if (isTaken && options.onExisting === 'attach') return { result: this.#attachOrResume(runId) };
      throw thrown;
    }
  }

  /** Resumes a run that is paused, was interrupted, has failed, or whose process died. */
  async resume(runId: string, options: ResumeOptions = {}, parkMs = Number.POSITIVE_INFINITY): Promise<AnyRun> {
    checkResumeOptions(options);
    this.#checkOpen();
    const answers = await answerBeforeResume(this.#context, runId, options);
    await this.#active.get(runId)?.inbox.look();
    for (;;) {
      // Concurrent resumes in this engine would steal the lease from each other.
      await this.#resuming.get(runId);
      const active = this.#active.get(runId);
      if (active === undefined && !this.#resuming.has(runId)) break;
      if (active === undefined) continue;
      const run = await active.result.catch(() => undefined);
      if (answers.length > 0 && (await this.#areTaken(runId, answers))) return resultFor(active, answers);
      if (!mayResume(run)) throw notResumable(runId, 'it was under way in this engine', 'See its result.');
    }
    // The engine may have been closed meanwhile. It does not wait for a resume that begins after that.
    this.#checkOpen();
    const resuming = Promise.withResolvers<void>();
    this.#resuming.set(runId, resuming.promise);
    try {
      const owned = await resumeRun(this.#context, { runId, options, owner: this.#owner, parkMs }).catch(
        (thrown: unknown) => {
          throw answers.length === 0 ? thrown : withAnswersKept(thrown);
        },
      );
      if (this.#isClosed) owned.parts.stop.interrupt();
      this.#install();
      const result = this.#active.drive(owned, options);
      return answers.length === 0 ? result : resultFor({ result, questions: owned.parts.questions }, answers);
    } finally {
      this.#resuming.delete(runId);
      resuming.resolve();
    }
  }

  async #areTaken(runId: string, answers: readonly number[]): Promise<boolean> {
    const { messages } = await this.#context.ports.store.inbox(runId);
    return messages.every(({ number }) => !answers.includes(number));
  }

  /** Answers an open question. The run continues where it is driven, or once it is resumed. */
  async answer(runId: string, keyOrId: string | undefined, value: unknown): Promise<Question> {
    checkQuestionName(keyOrId);
    this.#checkOpen();
    const { store, clock } = this.#context.ports;
    const [sent] = await sendAnswers(store, runId, [{ keyOrId, value }], clock.now());
    await this.#active.get(runId)?.inbox.look();
    return (sent as SentAnswer).question;
  }

  /** Sends a signal to a run, whether or not it waits for one. */
  async send(runId: string, name: string, value: unknown): Promise<void> {
    this.#checkOpen();
    const { store, clock } = this.#context.ports;
    await sendSignal(store, runId, { name, value }, clock.now());
    await this.#active.get(runId)?.inbox.look();
  }

  /** Cancels a run, whichever process drives it. Returns whether there was anything left to cancel. */
  async cancel(runId: string, reason: unknown): Promise<boolean> {
    const active = this.#active.get(runId);
    if (active !== undefined) {
      active.stop.cancel(reason);
      return true;
    }
    this.#checkOpen();
    return cancelRun(this.#context.ports.store, runId, reason, this.#owner.claim());
  }

  /** Resumes runs of this graph that are due and that nobody drives: one round. */
  async resumeDue(
    limit: number,
    skip: ReadonlySet<string>,
    parkMs = Number.POSITIVE_INFINITY,
  ): Promise<readonly DueRun[]> {
    this.#checkOpen();
    const { graph, ports } = this.#context;
    const found = await ports.store.due(graph.name, ports.clock.now(), limit + skip.size);
    const isBusy = (runId: string): boolean => this.#active.get(runId) !== undefined || this.#resuming.has(runId);
    return found
      .filter(({ runId }) => !skip.has(runId) && !isBusy(runId))
      .slice(0, limit)
      .map(({ runId }) => ({ runId, result: this.resume(runId, {}, parkMs) }));
  }

  /** Begins a new run from a commit of another, and drives it. */
  async fork(parentId: string, options: ForkOptions, resume: ResumeOptions): Promise<AnyRun> {
    checkOptions(forkOptions, options);
    checkResumeOptions(resume);
    breakpointsOf(this.#context.graph, resume);
    this.#checkOpen();
    const { store, clock, entropy, surroundings } = this.#context.ports;
    const runId = options.runId ?? entropy.runId();
    const place = { now: clock.now(), surroundings: surroundings?.() };
    const { run, first } = await forkOf(store, parentId, { ...options, runId }, place);
    // Before anything is written: a fork that cannot be driven would be left behind for a worker.
    checkFork(this.#context.graph, parentId, [run, ...first], resume);
    // This engine owns the run from the start, so nobody else takes it before it is driven.
    const lease = await store.create(run, first, this.#owner.claim());
    try {
      return await this.resume(runId, resume);
    } catch (thrown) {
      await giveBack(this.#context, lease);
      throw thrown;
    }
  }

  /** Interrupts the runs in progress, and closes the store. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#resuming.values(), ...this.#beginning]);
    this.#owner.stop();
    const active = this.#active.all;
    for (const { stop } of active) stop.interrupt();
    await Promise.allSettled(active.map(({ result }) => result));
    for (const uninstall of this.#uninstall ?? []) uninstall();
    this.#uninstall = undefined;
    await this.#context.ports.store.close();
  }

  #attachOrResume(runId: string): Promise<AnyRun> {
    const resume = (): Promise<AnyRun> => this.resume(runId);
    return attachOrResume(this.#attaching, runId, { resume, everyMs: this.#context.settings.leaseMs / 3 });
  }

  get #attaching(): AttachSetup {
    const { store, clock, attachPollMs } = this.#context.ports;
    return { store, clock, pollMs: attachPollMs };
  }

  noteUnattributed(request: () => UnattributedRequest | undefined): void {
    const open = this.#active.all.filter(({ isInStep }) => isInStep());
    const made = open.length === 0 ? undefined : request();
    if (made === undefined) return;
    const { host, madeAt } = made;
    const stack = framesOf(madeAt, this.#context.ports.paths).join('\n');
    for (const { notes } of open) notes.addUnattributed(host, stack);
  }

  #install(): void {
    this.#uninstall ??= this.#context.ports.sources.map((source) => source.install(this));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

/** The result of a run for the caller that answered. It learns if its answer did not fit, while the question is open. */
async function resultFor(
  { result, questions }: Pick<ActiveRun, 'result' | 'questions'>,
  answers: readonly number[],
): Promise<AnyRun> {
  const run = await result;
  const refused = run.status === 'paused' ? questions.refusalOf(answers) : undefined;
  if (refused !== undefined) throw refused;
  return run;
}

/** A paused run may be resumed. A run that rejected is read again. */
function mayResume(run: AnyRun | undefined): boolean {
  return run === undefined || run.status === 'paused';
}
