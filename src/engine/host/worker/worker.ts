// A worker: takes over abandoned runs and wakes runs that are due, until it is stopped.
//   W1. A run that it could not resume is reported once and then left alone, until another worker or a person has continued it.
//   W2. Where only the store failed, the run is tried again at each round, and reported once until it succeeds.
//   W3. Where the store has gone back, a run continues from what is there: nothing about it has failed here. It is reported once
//       for each time that the store goes back; a run that meets the same again at once is tried again at the next round.
//   W4. A store that tells of due runs makes a round begin at once, but not while one is tried again: it is told of as well.
import { RepriseError } from '../../../base/error.ts';
import type { WorkOptions } from '../../options/work-options.ts';
import type { Clock } from '../../../port/clock.ts';
import type { RunStore, Watch } from '../../../port/store.ts';
import { isAnothers } from '../../stored/attach.ts';
import { LeftAlone } from './left-alone.ts';
import type { Presence } from './presence.ts';
import { mayPass } from '../../rules/passing-error.ts';
import type { AnyRun } from '../../../graph/types/run-types.ts';

export interface DueRun {
  readonly runId: string;
  /** Nothing for what is not a run of its own. */
  readonly result: Promise<AnyRun | undefined>;
  /** How many entries it had when it was given back since it cannot be resumed here; asked for when that is known. */
  readonly refusedAt?: () => number | undefined;
}

/** The engine that a worker works for. */
export interface WorkHost {
  /**
   * Resumes at most `limit` runs that are due: one round. `parkMs`: a run that only waits, for at least this long,
   * leaves memory.
   */
  resumeDue(
    limit: number,
    skip: ReadonlySet<string>,
    parkMs: number,
    maxRunsPerTenant?: number,
  ): Promise<readonly DueRun[]>;
}

/** What a worker is given besides, where its store has that. */
export interface WorkerSetup {
  readonly watch?: WatchDue | undefined;
  readonly presence?: Presence | undefined;
  /** Where runs that were left alone may have grown. */
  readonly store?: Pick<RunStore, 'find'> | undefined;
}

/** Calls `onDue` when a run may be due. */
export type WatchDue = (onDue: () => void) => Watch;

/** For a store that tells of due runs. */
export function watchDue(store: RunStore, graphs: readonly string[]): WatchDue | undefined {
  const { watch } = store;
  if (watch === undefined) return undefined;
  return (onDue) => {
    const watches = graphs.map((graph) => watch.call(store, { dueOf: graph }, onDue));
    return {
      get isLive() {
        return watches.every(({ isLive }) => isLive);
      },
      stop: () => {
        for (const each of watches) each.stop();
      },
    };
  };
}

const parkMsDefault = 10_000;

/**
 * Drives the runs that are due in a store until it is stopped. `engine.work` makes one; keep it in order to stop it
 * when the process shuts down.
 */
export class Worker {
  readonly #host: WorkHost;
  readonly #clock: Clock;
  readonly #options: WorkOptions;
  readonly #setup: WorkerSetup;
  readonly #leftAlone: LeftAlone;
  /** Runs that met a failing store since the last round began: they wait for the next one. */
  readonly #troubled = new Set<string>();
  /** What was last reported of each run that is tried again. */
  readonly #reported = new Map<string, string>();
  readonly #driven = new Map<string, Promise<void>>();
  readonly #loop: Promise<void>;
  #isStopped = false;
  /** A run may be due that the round under way has not found. */
  #isTold = false;
  #wake: () => void = () => undefined;

  constructor(host: WorkHost, clock: Clock, options: WorkOptions, setup: WorkerSetup = {}) {
    this.#host = host;
    this.#clock = clock;
    this.#options = options;
    this.#setup = setup;
    this.#leftAlone = new LeftAlone(options.isOnce === true ? undefined : setup.store);
    options.signal?.addEventListener('abort', () => this.#end(), { once: true });
    if (options.signal?.aborted === true) this.#isStopped = true;
    this.#loop = this.#run();
  }

  /** Resolves when it has stopped. */
  get done(): Promise<void> {
    return this.#loop;
  }

  /** Stops looking for runs. Resolves when the runs in progress have ended or paused. */
  stop(): Promise<void> {
    this.#end();
    return this.#loop;
  }

  #end(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    const { pollMs = 1_000 } = this.#options;
    const { isOnce = false } = this.#options;
    const presence = isOnce || this.#isStopped ? undefined : this.#setup.presence;
    await presence?.start();
    const watch = isOnce ? undefined : this.#watchDue();
    let lookedAt = this.#clock.now();
    while (!this.#isStopped) {
      this.#isTold = false;
      this.#troubled.clear();
      if (!isOnce && this.#clock.now() - lookedAt >= pollMs) {
        await this.#leftAlone.look();
        lookedAt = this.#clock.now();
      }
      const count = await this.#round();
      if (this.#options.isOnce === true && count === 0 && this.#driven.size === 0) break;
      if (!this.#isStopped && !this.#isTold) await this.#pause(pollMs);
    }
    watch?.stop();
    await presence?.stop();
    await Promise.all(this.#driven.values());
  }

  #watchDue(): Watch | undefined {
    if (this.#isStopped) return undefined;
    return this.#setup.watch?.(() => {
      if (this.#troubled.size > 0) return;
      this.#isTold = true;
      this.#wake();
    });
  }

  /** Returns how many runs it has begun to drive. */
  async #round(): Promise<number> {
    const room = (this.#options.maxRuns ?? 8) - this.#driven.size;
    if (room <= 0) return 0;
    try {
      const { parkMs = parkMsDefault, maxRunsPerTenant } = this.#options;
      const due = await this.#host.resumeDue(room, this.#leftAlone.ids, parkMs, maxRunsPerTenant);
      for (const run of due) this.#drive(run);
      return due.length;
    } catch (thrown) {
      if (thrown instanceof RepriseError && thrown.code === 'engine-closed') this.#isStopped = true;
      else this.#options.onError?.(thrown, undefined);
      if (this.#options.isOnce === true) this.#isStopped = true;
      return 0;
    }
  }

  #drive({ runId, result, refusedAt }: DueRun): void {
    if (this.#options.isOnce === true) void this.#leftAlone.add(runId);
    const driven = result
      .then((run) => {
        this.#reported.delete(runId);
        if (run !== undefined) this.#options.onRun?.(run);
      })
      .catch(async (thrown: unknown) => {
        if (isAnothers(thrown)) this.#reported.delete(runId);
        else await this.#failed(runId, thrown, refusedAt?.());
      })
      .finally(() => {
        this.#driven.delete(runId);
        // A store that fails at once would be asked again and again without a turn of the event loop between.
        if (!this.#troubled.has(runId)) this.#wake();
      });
    this.#driven.set(runId, driven);
  }

  async #failed(runId: string, thrown: unknown, count: number | undefined): Promise<void> {
    // It was given back.
    if (thrown instanceof RepriseError && thrown.code === 'engine-closed') return;
    const report = reportOf(thrown);
    if (report === undefined) {
      this.#reported.delete(runId);
      const known = this.#leftAlone.add(runId, count);
      this.#options.onError?.(thrown, runId);
      await known;
      return;
    }
    const isKnown = this.#reported.get(runId) === report;
    this.#reported.set(runId, report);
    if (isKnown || report === storeFails) this.#troubled.add(runId);
    if (!isKnown) this.#options.onError?.(thrown, runId);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(delayMs, resolve);
      const wake = (): void => {
        cancel();
        resolve();
      };
      this.#wake = wake;
    });
  }
}

const storeFails = 'the store fails';

/**
 * What is known once it was reported, of a run that is tried again; undefined of one that is left alone. What is gone of it the
 * message says with its fields: how far the run was, and how far it is.
 */
function reportOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof RepriseError)) return undefined;
  if (thrown.code === 'store-went-back') return JSON.stringify([thrown.message, thrown.fields]);
  return mayPass(thrown) ? storeFails : undefined;
}
