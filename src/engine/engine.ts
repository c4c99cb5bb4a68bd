// The engine: begins runs, keeps those that are under way, and lets go of everything when it is closed.
import { RepriseError } from '../base/error.ts';
import { canonicalValue } from '../base/value.ts';
import type { BuiltGraph } from '../graph/built-graph.ts';
import type { GraphSpec } from '../graph/spec.ts';
import { semanticsVersion } from '../journal/entry.ts';
import type { RunEntry } from '../journal/entry.ts';
import { entryIdentity } from '../journal/entry-identity.ts';
import { rootScope, stepKey } from '../journal/key.ts';
import { RunFold } from '../journal/run-fold.ts';
import type { Clock } from '../port/clock.ts';
import type { Entropy } from '../port/entropy.ts';
import type { Oracle } from '../port/oracle.ts';
import type { Rejections } from '../port/rejections.ts';
import type { Lease, RunStore } from '../port/store.ts';
import type { World } from '../port/world.ts';
import { EventDelivery } from './event-delivery.ts';
import { finishedRun } from './finished-run.ts';
import { initialState } from './initial-state.ts';
import { JournalWriter } from './journal-writer.ts';
import { Lingering } from './lingering.ts';
import { Notes } from './notes.ts';
import { checkRunOptions } from './options.ts';
import type { EngineLimits, EngineOptions, RunOptions } from './options.ts';
import { resumedWorld } from './resumed-world.ts';
import { RunCore } from './run-core.ts';
import { RunDrive } from './run-drive.ts';
import type { AnyRun } from './run-result.ts';
import { Slots } from './slots.ts';

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

interface ActiveRun {
  readonly core: RunCore;
  readonly drive: RunDrive;
  readonly result: Promise<AnyRun>;
}

export class EngineCore {
  readonly #graph: GraphSpec;
  readonly #ports: EnginePorts;
  readonly #limits: EngineLimits;
  readonly #options: EngineOptions;
  readonly #active = new Map<string, ActiveRun>();
  #uninstall: readonly (() => void)[] | undefined;
  #isClosed = false;

  constructor(graph: BuiltGraph, ports: EnginePorts, limits: EngineLimits, options: EngineOptions) {
    this.#graph = graph.spec;
    this.#ports = ports;
    this.#limits = limits;
    this.#options = options;
  }

  async run(input: unknown, options: RunOptions): Promise<AnyRun> {
    checkRunOptions(options);
    if (this.#isClosed) throw closedError();
    const runId = options.runId ?? this.#ports.entropy.runId();
    const active = this.#active.get(runId);
    if (active !== undefined && options.onExisting === 'attach') return active.result;
    const given = canonicalValue(input, 'the input', { maxBytes: this.#limits.maxBytes });
    const first = initialState(this.#graph, given);
    const entry = this.#runEntry(runId, options.seed ?? this.#ports.entropy.seed());
    let lease: Lease;
    try {
      lease = await this.#ports.store.create(entry);
    } catch (thrown) {
      if (options.onExisting === 'attach' && thrown instanceof RepriseError && thrown.code === 'run-exists')
        return this.#attach(runId);
      throw thrown;
    }
    const core = this.#core(entry, lease);
    core.add({ ...first.commit, at: stepKey(rootScope, 0), observed: { time: this.#ports.clock.now() } });
    const drive = new RunDrive(core, this.#graph, {
      step: 0,
      state: first.state,
      frontier: first.commit.frontier,
      joins: undefined,
      stepCount: 0,
    });
    return this.#start(core, drive, options);
  }

  /** Goes on with a run that was interrupted, or whose process died. */
  async resume(runId: string): Promise<AnyRun> {
    if (this.#isClosed) throw closedError();
    const { store, world } = this.#ports;
    const fold = new RunFold();
    for await (const entry of store.read(runId)) fold.add(entry);
    const entry = this.#resumable(runId, fold);
    const lease = await store.take(runId);
    const core = this.#core(entry, lease, resumedWorld(world, fold.openStep));
    core.known = new Set(fold.openStep.map(entryIdentity));
    const { step, state, frontier, joins } = fold;
    return this.#start(
      core,
      new RunDrive(core, this.#graph, { step, state, frontier, joins, stepCount: fold.commitCount - 1 }),
      {},
    );
  }

  #resumable(runId: string, fold: RunFold): RunEntry {
    const { run } = fold;
    if (run === undefined || fold.step < 0) throw notResumable(runId, 'it had not begun', 'Run it again.');
    if (fold.end !== undefined)
      throw notResumable(runId, `it is ${fold.end.status}`, `See it with \`reprise show ${runId}\`.`);
    if (this.#active.has(runId))
      throw notResumable(runId, 'it is under way in this engine', 'Await its result, or attach to it.');
    if (run.fingerprint !== this.#graph.fingerprint) {
      throw notResumable(
        runId,
        `it was begun by another version of graph "${run.graph.name}"`,
        'Resume it with the code that began it.',
      );
    }
    return run;
  }

  #start(core: RunCore, drive: RunDrive, options: RunOptions): Promise<AnyRun> {
    this.#install();
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
    });
    this.#active.set(core.runId, { core, drive, result });
    return result;
  }

  cancel(runId: string, reason: unknown): boolean {
    const active = this.#active.get(runId);
    active?.drive.cancel(reason);
    return active !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const active = [...this.#active.values()];
    for (const { drive } of active) drive.interrupt();
    await Promise.allSettled(active.map(({ result }) => result));
    for (const uninstall of this.#uninstall ?? []) uninstall();
    this.#uninstall = undefined;
    await this.#ports.store.close();
  }

  async #attach(runId: string): Promise<AnyRun> {
    for (;;) {
      const summary = await this.#ports.store.find(runId);
      if (summary !== undefined && summary.status !== 'running') return finishedRun(this.#ports.store, runId);
      await new Promise<void>((resolve) => this.#ports.clock.setTimer(this.#ports.attachPollMs, resolve));
    }
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

  #core(entry: RunEntry, lease: Lease, world = this.#ports.world): RunCore {
    const { clock, oracle, store } = this.#ports;
    const sinks = this.#options.events ?? [];
    const notes = new Notes();
    const core = new RunCore({
      runId: entry.observed.runId,
      seed: entry.seed,
      clock,
      oracle,
      world,
      writer: new JournalWriter(store, lease),
      slots: new Slots(this.#limits.maxConcurrent),
      events: sinks.length === 0 ? undefined : new EventDelivery(entry.observed.runId, sinks),
      notes,
      lingering: new Lingering(clock, this.#limits.graceMs, notes),
      limits: { maxBytes: this.#limits.maxBytes },
      maxSteps: this.#limits.maxSteps,
      maxTasks: this.#limits.maxTasks,
      graceMs: this.#limits.graceMs,
    });
    if (sinks.some((sink) => sink.order === 'canonical')) core.doneAttempts = new Map();
    return core;
  }

  #install(): void {
    this.#uninstall ??= (this.#options.effects ?? []).map((source) => source.install());
  }
}

function notResumable(runId: string, why: string, nextStep: string): RepriseError {
  return new RepriseError('run-not-resumable', `run "${runId}" cannot be resumed: ${why}`, {
    nextStep,
    fields: { runId },
  });
}

function closedError(): RepriseError {
  return new RepriseError('engine-closed', 'this engine is closed', { nextStep: 'Make a new one with createEngine.' });
}
