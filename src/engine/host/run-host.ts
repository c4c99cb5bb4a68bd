// The engine: begins runs, keeps those that are under way, and lets go of everything when it is closed.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { BuiltGraph } from '../../graph/built-graph.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import { semanticsVersion } from '../../journal/entry.ts';
import type { CommitEntry, RunEntry } from '../../journal/entry.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import { rootScope, stepKey } from '../../journal/key.ts';
import { openQuestions } from '../../journal/question.ts';
import type { Question } from '../../journal/question.ts';
import type { RunFold } from '../../journal/fold/run-fold.ts';
import type { Clock } from '../../port/clock.ts';
import type { Entropy } from '../../port/entropy.ts';
import type { Oracle } from '../../port/oracle.ts';
import type { Rejections } from '../../port/rejections.ts';
import type { Lease, RunStore } from '../../port/store.ts';
import type { World } from '../../port/world.ts';
import { attach, attachOrResume } from '../stored/attach.ts';
import type { AttachSetup } from '../stored/attach.ts';
import { answersFor } from '../stored/answers.ts';
import { cancelRun } from '../stored/cancel-run.ts';
import { closedError, notResumable } from '../rules/engine-errors.ts';
import { EventDelivery } from '../run/event-delivery.ts';
import { initialState } from '../rules/initial-state.ts';
import { JournalWriter } from '../run/journal-writer.ts';
import { foldRest, foldRun } from '../stored/fold-run.ts';
import { Lingering } from '../run/lingering.ts';
import { Notes } from '../run/notes.ts';
import { checkResumeOptions, checkRunOptions } from '../options/run-options.ts';
import type { RunGate } from '../../stream/run-gate.ts';
import { RunReaders } from './run-readers.ts';
import type { RunStream } from '../../stream/run-stream.ts';
import { checkedStream } from '../options/stream-options.ts';
import type { ReadOptions } from '../../stream/read-options.ts';
import type { StreamOptions } from '../options/stream-options.ts';
import type { BreakpointOptions, ResumeOptions, RunOptions } from '../options/run-options.ts';
import type { EngineLimits, EngineOptions } from '../options/engine-options.ts';
import { Owner } from './owner.ts';
import { ResumeFold } from '../stored/resume-fold.ts';
import { resumedWorld } from '../world/resumed-world.ts';
import { RunCore } from '../run/run-parts.ts';
import type { Breakpoints } from '../run/run-parts.ts';
import { RunDrive } from '../drive/run-drive.ts';
import type { AnyRun } from '../../graph/run-types.ts';
import { Slots } from '../run/slots.ts';
import { forkOf } from '../stored/fork.ts';
import type { ForkOptions } from '../stored/fork.ts';
import { upgradeEdit, upgradeProblems } from '../stored/upgrade.ts';

/** What an engine needs of everything around it. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly oracle: Oracle;
  readonly world: World;
  readonly store: RunStore;
  readonly rejections: Rejections;
  /** How long to wait before looking again whether another process has finished a run, in milliseconds. */
  readonly attachPollMs: number;
}

interface CoreSetup {
  readonly lease: Lease;
  readonly breakpoints: Breakpoints;
  /** How many entries of the run the store has. */
  readonly storedCount: number;
  /** By default the run stays in memory however long it waits. */
  readonly parkMs?: number;
}

/** What a run is gone on with. */
interface Taken extends CoreSetup {
  readonly entry: RunEntry;
  readonly answers: ReadonlyMap<string, Value>;
  readonly force: boolean;
}

interface ActiveRun {
  readonly core: RunCore;
  readonly drive: RunDrive;
  readonly result: Promise<AnyRun>;
}

export interface DueRun {
  readonly runId: string;
  readonly result: Promise<AnyRun>;
}

export class EngineCore {
  readonly #graph: GraphSpec;
  readonly #ports: EnginePorts;
  readonly #limits: EngineLimits;
  readonly #options: EngineOptions;
  readonly #owner: Owner;
  readonly #readers: RunReaders;
  readonly #active = new Map<string, ActiveRun>();
  /** Runs that are being taken over: each promise resolves when that is decided. */
  readonly #starting = new Map<string, Promise<void>>();
  readonly #beginning = new Set<Promise<unknown>>();
  #uninstall: readonly (() => void)[] | undefined;
  #isClosed = false;

  constructor(graph: BuiltGraph, ports: EnginePorts, limits: EngineLimits, options: EngineOptions) {
    this.#graph = graph.spec;
    this.#ports = ports;
    this.#limits = limits;
    this.#options = options;
    const { clock, store, entropy } = this.#ports;
    this.#readers = new RunReaders({
      clock,
      store,
      readsTail: limits.durability !== 'effect',
      tailOf: (runId) => this.#active.get(runId)?.core.writer,
      result: (runId) => attach(this.#attaching, runId),
      cancel: (runId, reason) => this.cancel(runId, reason),
      checkOpen: () => {
        if (this.#isClosed) throw closedError();
      },
    });
    const setup = { clock, store, leaseMs: limits.leaseMs, isGone: entropy.isGone?.bind(entropy) };
    this.#owner = new Owner(entropy.owner?.() ?? entropy.runId(), setup, ({ runId, reason }) =>
      this.#active.get(runId)?.drive.cancel(reason),
    );
  }

  async run(input: unknown, options: RunOptions): Promise<AnyRun> {
    return (await this.#begin(input, options, undefined)).result;
  }

  /** Runs the graph for a reader. */
  stream(input: unknown, options: StreamOptions): RunStream {
    const isOnDisk = this.#ports.store.isDurable && this.#limits.durability === 'effect';
    const { read, run } = checkedStream(options, isOnDisk);
    const runId = run.runId ?? this.#ports.entropy.runId();
    return this.#readers.stream(runId, read, (gate) => this.#begin(input, { ...run, runId }, gate));
  }

  /** A reader of any run of the store, under way here or elsewhere, or ended. */
  read(runId: string, options: ReadOptions): RunStream {
    return this.#readers.read(runId, options);
  }

  /** A run that is being begun has to be, or is given back, before the engine is closed. */
  #begin(
    input: unknown,
    options: RunOptions,
    gate: RunGate | undefined,
  ): Promise<{ readonly result: Promise<AnyRun> }> {
    const begun = this.#beginNow(input, options, gate);
    const settle = (): void => void this.#beginning.delete(begun);
    this.#beginning.add(begun);
    begun.then(settle, settle);
    return begun;
  }

  async #beginNow(
    input: unknown,
    options: RunOptions,
    gate: RunGate | undefined,
  ): Promise<{ readonly result: Promise<AnyRun> }> {
    checkRunOptions(options);
    if (this.#isClosed) throw closedError();
    const runId = options.runId ?? this.#ports.entropy.runId();
    const active = this.#active.get(runId);
    if (active !== undefined && options.onExisting === 'attach') return { result: active.result };
    const given = canonicalValue(input, 'the input', { maxBytes: this.#limits.maxBytes });
    const first = initialState(this.#graph, given);
    const entry = this.#runEntry(runId, options.seed ?? this.#ports.entropy.seed());
    const commit: CommitEntry = {
      ...first.commit,
      at: stepKey(rootScope, 0),
      observed: { time: this.#ports.clock.now() },
    };
    const breakpoints = this.#breakpoints(options);
    let lease: Lease;
    try {
      lease = await this.#ports.store.create(entry, [commit], this.#owner.claim());
    } catch (thrown) {
      if (options.onExisting === 'attach' && thrown instanceof RepriseError && thrown.code === 'run-exists')
        return { result: this.#attachOrResume(runId) };
      throw thrown;
    }
    if (this.#isClosed) {
      await this.#giveBack(lease);
      throw closedError();
    }
    const core = this.#core(entry, { lease, breakpoints, storedCount: 2 });
    const position = { step: 0, state: first.state, frontier: first.commit.frontier, joins: undefined, stepCount: 0 };
    core.readers = gate;
    return { result: this.#start(core, new RunDrive(core, this.#graph, position), options) };
  }

  /** Goes on with a run that is paused, was interrupted, has failed, or whose process died. */
  async resume(runId: string, options: ResumeOptions = {}, parkMs = Number.POSITIVE_INFINITY): Promise<AnyRun> {
    checkResumeOptions(options);
    if (this.#isClosed) throw closedError();
    for (;;) {
      // Two that go on with one run at once would take it from each other.
      const starting = this.#starting.get(runId);
      const active = this.#active.get(runId);
      if (starting !== undefined) await starting;
      else if (active === undefined) break;
      // An answer may come before the run has come to rest: then it is given a moment later.
      // Where that one fails for want of a right answer, this one may have it.
      else if (!mayGoOn(await active.result.catch(() => undefined)))
        throw notResumable(runId, 'it was under way in this engine', 'See its result.');
    }
    const begun = Promise.withResolvers<void>();
    this.#starting.set(runId, begun.promise);
    try {
      const { core, drive } = await this.#taken(runId, options, parkMs);
      if (this.#isClosed) drive.interrupt();
      return this.#start(core, drive, options);
    } finally {
      this.#starting.delete(runId);
      begun.resolve();
    }
  }

  /** A run that is this engine's from now on, ready to go on. */
  async #taken(
    runId: string,
    options: ResumeOptions,
    parkMs: number,
  ): Promise<{ readonly core: RunCore; readonly drive: RunDrive }> {
    const breakpoints = this.#breakpoints(options);
    const { store } = this.#ports;
    const fold = new ResumeFold();
    const place = await foldRun(store, runId, fold);
    this.#resumable(runId, fold, options);
    const answers = answersFor(runId, this.#answerable(fold), options);
    const lease = await store.take(runId, this.#owner.claim());
    try {
      // Its owner may have gone on until just now.
      const more = await foldRest(store, runId, fold, place);
      if (more > 0) answersFor(runId, this.#answerable(fold), options);
      const entry = this.#resumable(runId, fold, options);
      const storedCount = place + more;
      return await this.#resumed(fold, {
        entry,
        lease,
        breakpoints,
        storedCount,
        parkMs,
        answers,
        force: options.force === true,
      });
    } catch (thrown) {
      await this.#giveBack(lease);
      throw thrown;
    }
  }

  /** Questions that nobody has answered and that have not run out. */
  #answerable(fold: RunFold): readonly Question[] {
    const now = this.#ports.clock.now();
    return openQuestions(fold.openStep).filter(({ dueAt }) => dueAt === undefined || dueAt > now);
  }

  /** Nobody drives it: it is not kept from others. */
  async #giveBack(lease: Lease): Promise<void> {
    try {
      await this.#ports.store.release(lease);
    } catch {
      // It has another owner by now, or the store fails: what stood in the way is told, and not this.
    }
  }

  async #resumed(
    fold: ResumeFold,
    { entry, answers, force, ...setup }: Taken,
  ): Promise<{ readonly core: RunCore; readonly drive: RunDrive }> {
    const { store, clock, world } = this.#ports;
    const resumed = resumedWorld(world, fold.openStep, {
      clock,
      force,
      failedTasks: fold.failedTasks,
      diverged: (error) => core.cutWith({ kind: 'diverged', error }, error),
    });
    const core: RunCore = this.#core(entry, setup, resumed);
    if (fold.run?.fingerprint !== this.#graph.fingerprint) {
      const edit = upgradeEdit(fold, this.#graph, clock.now());
      core.add(edit);
      fold.add(edit);
      core.run = fold.run ?? core.run;
    }
    core.known = new Set(fold.openStep.map(entryIdentity));
    core.endedInnerSteps = fold.endedInnerSteps;
    for (const error of fold.limitErrors) core.limitErrors.add(error as object);
    core.once.restore(fold.openStep);
    core.answers = new Map(answers);
    const { step, state, frontier, joins } = fold;
    const drive = new RunDrive(core, this.#graph, { step, state, frontier, joins, stepCount: fold.stepCount });
    const request = (await store.cancelRequests(this.#owner.id)).find((wanted) => wanted.runId === core.runId);
    if (request !== undefined) drive.cancel(request.reason);
    return { core, drive };
  }

  #resumable(runId: string, fold: RunFold, { force }: ResumeOptions): RunEntry {
    const { run } = fold;
    if (run === undefined || fold.step < 0) throw notResumable(runId, 'it had not begun', 'Run it again.');
    if (fold.end !== undefined && fold.end.status !== 'failed')
      throw notResumable(runId, `it is ${fold.end.status}`, `See it with \`reprise show ${runId}\`.`, fold.end.status);
    if (run.graph.name !== this.#graph.name)
      throw notResumable(runId, `it is a run of graph "${run.graph.name}"`, 'Resume it with that graph.');
    const problems =
      run.fingerprint === this.#graph.fingerprint || force === true
        ? []
        : upgradeProblems(run.graph, this.#graph, fold);
    if (problems.length > 0) {
      throw notResumable(
        runId,
        `the graph has changed where the run still has to go: ${problems.join('; ')}`,
        'Resume it with the code that began it, or go on all the same with `force`.',
      );
    }
    return run;
  }

  #start(core: RunCore, drive: RunDrive, options: Pick<RunOptions, 'signal' | 'timeoutMs'>): Promise<AnyRun> {
    this.#install();
    this.#owner.keep();
    const { signal, timeoutMs } = options;
    const onAbort = (): void => drive.cancel(signal?.reason);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelTimer =
      timeoutMs === undefined ? undefined : this.#ports.clock.setTimer(timeoutMs, () => drive.expire(timeoutMs));
    const unwatch = this.#ports.rejections.watch();
    const result = drive.drive().finally(() => {
      signal?.removeEventListener('abort', onAbort);
      cancelTimer?.();
      unwatch();
      this.#active.delete(core.runId);
      this.#readers.tell(core.runId);
      if (this.#active.size === 0) this.#owner.stop();
    });
    this.#active.set(core.runId, { core, drive, result });
    return result;
  }

  /** Cancels a run, whichever process drives it. Tells whether there was anything left to cancel. */
  async cancel(runId: string, reason: unknown): Promise<boolean> {
    const active = this.#active.get(runId);
    if (active !== undefined) {
      active.drive.cancel(reason);
      return true;
    }
    if (this.#isClosed) throw closedError();
    return cancelRun(this.#ports.store, runId, reason, this.#owner.claim());
  }

  /** Goes on with runs of this graph that nobody drives and that could go on now: one round. */
  async resumeDue(
    limit: number,
    skip: ReadonlySet<string>,
    parkMs = Number.POSITIVE_INFINITY,
  ): Promise<readonly DueRun[]> {
    if (this.#isClosed) throw closedError();
    const found = await this.#ports.store.due(this.#graph.name, this.#ports.clock.now(), limit + skip.size);
    return found
      .filter(({ runId }) => !skip.has(runId) && !this.#active.has(runId) && !this.#starting.has(runId))
      .slice(0, limit)
      .map(({ runId }) => ({ runId, result: this.resume(runId, {}, parkMs) }));
  }

  /** Begins a new run from a commit of another, and goes on with it. */
  async fork(parentId: string, options: ForkOptions, resume: ResumeOptions): Promise<AnyRun> {
    checkResumeOptions(resume);
    this.#breakpoints(resume);
    if (this.#isClosed) throw closedError();
    const { store, clock, entropy } = this.#ports;
    const runId = options.runId ?? entropy.runId();
    const { run, first } = await forkOf(store, parentId, { ...options, runId }, clock.now());
    // It is this owner's from the first: nobody else takes it before it goes on.
    const lease = await store.create(run, first, this.#owner.claim());
    try {
      return await this.resume(runId, resume);
    } catch (thrown) {
      await this.#giveBack(lease);
      throw thrown;
    }
  }

  get clock(): Clock {
    return this.#ports.clock;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#starting.values(), ...this.#beginning]);
    this.#owner.stop();
    const active = [...this.#active.values()];
    for (const { drive } of active) drive.interrupt();
    await Promise.allSettled(active.map(({ result }) => result));
    for (const uninstall of this.#uninstall ?? []) uninstall();
    this.#uninstall = undefined;
    await this.#ports.store.close();
  }

  #attachOrResume(runId: string): Promise<AnyRun> {
    const resume = (): Promise<AnyRun> => this.resume(runId);
    return attachOrResume(this.#attaching, runId, { resume, everyMs: this.#limits.leaseMs / 3 });
  }

  get #attaching(): AttachSetup {
    const { store, clock, attachPollMs } = this.#ports;
    return { store, clock, pollMs: attachPollMs };
  }

  #runEntry(runId: string, seed: string): RunEntry {
    return {
      kind: 'run',
      at: '',
      graph: this.#graph.description,
      fingerprint: this.#graph.fingerprint,
      semantics: semanticsVersion,
      seed,
      observed: { runId, time: this.#ports.clock.now() },
    };
  }

  #core(
    entry: RunEntry,
    { lease, breakpoints, storedCount, parkMs = Number.POSITIVE_INFINITY }: CoreSetup,
    world = this.#ports.world,
  ): RunCore {
    const { clock, oracle, store } = this.#ports;
    const sinks = this.#options.events ?? [];
    const notes = new Notes();
    const core = new RunCore({
      run: entry,
      clock,
      oracle,
      world,
      writer: new JournalWriter(store, lease, { storedCount, keepsChunks: this.#limits.keepChunks === 'run' }),
      slots: new Slots(this.#limits.maxConcurrent),
      events: sinks.length === 0 ? undefined : new EventDelivery(entry.observed.runId, sinks),
      notes,
      lingering: new Lingering(clock, this.#limits.graceMs, notes),
      limits: { maxBytes: this.#limits.maxBytes },
      maxSteps: this.#limits.maxSteps,
      maxTasks: this.#limits.maxTasks,
      isDurable: store.isDurable,
      durability: this.#limits.durability,
      parkMs,
      breakpoints,
    });
    core.writer.onAppended = () => this.#readers.tell(core.runId);
    if (sinks.some((sink) => sink.order === 'canonical')) core.doneAttempts = new Map();
    return core;
  }

  #breakpoints({ pauseBefore = [], pauseAfter = [] }: BreakpointOptions): Breakpoints {
    const known = [...this.#graph.nodes.keys()];
    for (const name of [...pauseBefore, ...pauseAfter]) {
      if (this.#graph.nodes.has(name)) continue;
      const nearest = nearestName(name, known);
      throw new RepriseError('option-invalid', `graph "${this.#graph.name}" has no node "${name}" to pause at`, {
        nextStep: nearest === undefined ? `Its nodes are ${known.join(', ')}.` : `Did you mean "${nearest}"?`,
      });
    }
    return { before: new Set(pauseBefore), after: new Set(pauseAfter) };
  }

  #install(): void {
    this.#uninstall ??= (this.#options.effects ?? []).map((source) => source.install());
  }
}

/** A run that has come to rest may be gone on with; one of which nothing is known has to be looked at again. */
function mayGoOn(run: AnyRun | undefined): boolean {
  return run === undefined || run.status === 'paused';
}
