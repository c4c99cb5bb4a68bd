// The options of an engine.
import { anyFunction, oneOf, required, wholeNumber } from '../../base/options/option-kind.ts';
import { listOf, objectWith } from '../../base/options/option-parts.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { recordKind } from './record-options.ts';
import type { RecordOptions } from './record-options.ts';
import type { EffectSource } from '../../port/effect-source.ts';
import type { EventSink } from '../../port/event-sink.ts';
import type { RunObserver } from '../../port/observer.ts';
import type { RunStore } from '../../port/store.ts';

export const leaseMsDefault = 30_000;
export const graceMsDefault = 5_000;
/** Nobody who reads along notices it. */
const serverWindowMs = 25;

/**
 * How an engine keeps, limits and reports its runs. The defaults keep everything in memory, so nothing survives the
 * process: give it a `store` in production.
 */
export interface EngineOptions {
  /**
   * Where journals are kept; by default in memory, for the life of the engine. Several engines may share one store, such as
   * those of the graphs of a worker. The last of them that is closed closes it.
   */
  readonly store?: RunStore;
  /** Effects that are recorded without changing the nodes, such as `httpEffects()`. */
  readonly effects?: readonly EffectSource[];
  /** How many tasks of a run may be in flight; 64 by default. It affects the speed of a run, never its result. */
  readonly maxConcurrent?: number;
  /** How many steps a run may commit, including those of subgraphs; 100,000 by default. Beyond that: `limit-reached`. */
  readonly maxSteps?: number;
  /** How many tasks a step may have; 100,000 by default. Beyond that: `limit-reached`. */
  readonly maxTasks?: number;
  /** How long an aborted task may take to stop, in milliseconds; 5,000 by default. After that it is detached. */
  readonly graceMs?: number;
  /** How long each function registered with `onStop` may take, in milliseconds; 5,000 by default. */
  readonly cleanupMs?: number;
  /**
   * How long a run waits at its end for HTTP answers that its nodes have left behind, in milliseconds; 0 by default. They are
   * recorded then, so `explore` can let the loser of a `Promise.race` win. Without them, that order is not tried. A body that
   * nobody reads is not waited for.
   */
  readonly lateAnswersMs?: number;
  /**
   * How long the runs of a dead process stay out of reach of other processes, in milliseconds; 30,000 by default. Safety
   * does not depend on it: a process that outlives its lease loses its runs and can write nothing more.
   */
  readonly leaseMs?: number;
  /**
   * How often in a row a run may be taken over from a process that died or is stuck, without anything new in its journal
   * in between; 10 by default. After that it fails with `takeover-limit`: it probably takes its process with it. A process
   * is stuck if it lives and has not renewed its lease; the first time in a row does not count. With fewer workers than
   * this, a node that loops for ever stops all of them first. From the third death in a row on a worker drives such a run
   * by itself until it has written something new, so that runs which were only beside the one that kills do not fail.
   */
  readonly maxTakeovers?: number;
  /** How large a journaled value may be, in bytes; 16 MB by default. Beyond that: `value-too-large`. */
  readonly maxValueBytes?: number;
  /**
   * When a run is written to the store. `effect` (the default): before anything outside can depend on it, so a crash loses
   * nothing that was visible. `step`: with the commit of each step, and before an effect that must not happen twice (`once`,
   * `onDoubt` other than `retry`) or a long wait. This takes fewer writes, and readers see chunks at once, but after a
   * crash the open step starts over.
   */
  readonly durability?: Durability;
  /**
   * How long chunks are kept: as long as their `run` (the default), or until their `step` is committed. After that, readers
   * get one `snapshot` of each attempt instead, and the run cannot be exported.
   */
  readonly keepChunks?: 'run' | 'step';
  /**
   * How long chunks of a run gather until they are written, and readers see them, in milliseconds. By default 25 for a store on a
   * server, where each write is a round trip, and 0 for any other: then a chunk is written at once after a quiet time.
   */
  readonly chunkWindowMs?: number;
  /** Sinks for the events that nodes emit. */
  readonly events?: readonly EventSink[];
  /**
   * Observers of the journals as they are written, such as `openTelemetry()`. Runs never wait for an observer. When the
   * engine closes, observers have `graceMs` to deliver what they hold.
   */
  readonly observers?: readonly RunObserver[];
  /**
   * Which runs become fixtures once they have ended, and where these go. Until it is decided the store keeps all that a
   * fixture needs; of a run that is not recorded it then keeps what a resume needs. No run waits for its fixture, or fails
   * because of it.
   */
  readonly record?: RecordOptions;
}

export type Durability = 'effect' | 'step';

export interface EngineSettings {
  readonly maxConcurrent: number;
  readonly maxSteps: number;
  readonly maxTasks: number;
  readonly graceMs: number;
  readonly cleanupMs: number;
  readonly lateAnswersMs: number;
  readonly leaseMs: number;
  readonly maxTakeovers: number;
  readonly maxBytes: number;
  readonly durability: Durability;
  readonly keepChunks: 'run' | 'step';
  readonly chunkWindowMs: number;
}

export const engineOptions = optionShape<EngineOptions>(
  'createEngine',
  {
    store: objectWith('a store such as sqliteStore("runs.db")', { append: required(anyFunction) }),
    effects: listOf(
      objectWith('an effect source', { install: required(anyFunction) }),
      'effect sources such as httpEffects()',
    ),
    maxConcurrent: wholeNumber({ least: 1, orInfinity: true }),
    maxSteps: wholeNumber({ least: 1, orInfinity: true }),
    maxTasks: wholeNumber({ least: 1, orInfinity: true }),
    graceMs: wholeNumber({ least: 0 }),
    cleanupMs: wholeNumber({ least: 1 }),
    lateAnswersMs: wholeNumber({ least: 0 }),
    leaseMs: wholeNumber({ least: 100, orInfinity: true }),
    maxTakeovers: wholeNumber({ least: 0, orInfinity: true }),
    maxValueBytes: wholeNumber({ least: 1, orInfinity: true }),
    durability: oneOf('effect', 'step'),
    keepChunks: oneOf('run', 'step'),
    chunkWindowMs: wholeNumber({ least: 0 }),
    events: listOf(
      objectWith('a sink', { deliver: required(anyFunction), order: oneOf('arrival', 'canonical') }),
      'sinks `{ deliver, order }`, with "arrival" or "canonical" as the order',
    ),
    observers: listOf(
      objectWith('an observer', { observe: required(anyFunction), maxPending: wholeNumber({ least: 1 }) }),
      'observers `{ observe, maxPending }`, where `observe` is a function and maxPending 1 or more',
    ),
    record: recordKind,
  },
  ({ keepChunks, store, record }) => {
    if (keepChunks === 'step' && store !== undefined && typeof store.dropChunks !== 'function')
      return { option: 'keepChunks', wanted: '"run": this store has no `dropChunks`' };
    if (record === undefined || record.when === 'never') return undefined;
    if (keepChunks === 'step') return { option: 'keepChunks', wanted: '"run": a fixture needs the chunks' };
    if (store !== undefined && store.recordings === undefined)
      return { option: 'store', wanted: 'a store with `recordings`, or leave out `record`' };
    return undefined;
  },
);

/** @throws RepriseError `option-invalid` */
export function engineSettings(options: EngineOptions): EngineSettings {
  checkOptions(engineOptions, options);
  return {
    maxConcurrent: options.maxConcurrent ?? 64,
    maxSteps: options.maxSteps ?? 100_000,
    maxTasks: options.maxTasks ?? 100_000,
    graceMs: options.graceMs ?? graceMsDefault,
    cleanupMs: options.cleanupMs ?? 5_000,
    lateAnswersMs: options.lateAnswersMs ?? 0,
    leaseMs: options.leaseMs ?? leaseMsDefault,
    maxTakeovers: options.maxTakeovers ?? 10,
    maxBytes: options.maxValueBytes ?? 16 * 1024 * 1024,
    durability: options.durability ?? 'effect',
    keepChunks: options.keepChunks ?? 'run',
    chunkWindowMs: options.chunkWindowMs ?? (options.store?.watch === undefined ? 0 : serverWindowMs),
  };
}
