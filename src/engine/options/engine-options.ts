// Options, checked when they are given: nothing is accepted and ignored.
import { checkOptionKeys } from '../../base/option-check.ts';
import type { EffectSource } from '../../port/effect-source.ts';
import type { RunObserver } from '../../port/observer.ts';
import type { RunStore } from '../../port/store.ts';
import type { EventSink } from '../../port/event-sink.ts';
import { checkList, count, invalid } from './option-values.ts';

export const leaseMsDefault = 30_000;

export interface EngineOptions {
  /** Where journals are kept; by default in memory, for as long as the engine lives. */
  readonly store?: RunStore;
  /** What is recorded without a change to the nodes, such as `httpEffects()`. */
  readonly effects?: readonly EffectSource[];
  /** How many tasks of a run are under way at once; 64 by default. It changes how fast a run is, never what comes out. */
  readonly maxConcurrent?: number;
  /** How many steps a run may commit, those of subgraphs counted; 100,000 by default. Beyond: `limit-reached`. */
  readonly maxSteps?: number;
  /** How many tasks a step may have; 100,000 by default. Beyond: `limit-reached`. */
  readonly maxTasks?: number;
  /** How long a task that was told to stop may take to do so; 5,000 by default. Then it is detached. */
  readonly graceMs?: number;
  /**
   * How long after the death of this process others may not take its runs over, in milliseconds; 30,000 by default. Safety
   * never rests on it: a process that is slower than that loses its runs and writes nothing more.
   */
  readonly leaseMs?: number;
  /** How large a value that crosses into the journal may be; 16 MB by default. Beyond: `value-too-large`. */
  readonly maxValueBytes?: number;
  /**
   * When a run is written to the store. `effect` (the default): before anything outside can depend on it, so a crash loses
   * nothing that anybody saw. `step`: with the commit of each step, and before what must not happen twice (`once`,
   * `onDoubt` other than `retry`) or is waited for long; fewer writes, readers see chunks at once, and a crash takes the
   * step that was under way back to its start.
   */
  readonly durability?: Durability;
  /**
   * How long chunks are kept: as long as their `run` (the default), or until their `step` is committed. Then who reads late
   * is given one `snapshot` of what an attempt came to, and the run cannot be exported.
   */
  readonly keepChunks?: 'run' | 'step';
  /** Who is told of the events that nodes emit. */
  readonly events?: readonly EventSink[];
  /**
   * Who is told of the journals as they are written, such as `openTelemetry()`: beside the runs, which never wait for one.
   * When the engine closes they have `graceMs` to hand on what they have.
   */
  readonly observers?: readonly RunObserver[];
}

export type Durability = 'effect' | 'step';

export interface EngineSettings {
  readonly maxConcurrent: number;
  readonly maxSteps: number;
  readonly maxTasks: number;
  readonly graceMs: number;
  readonly leaseMs: number;
  readonly maxBytes: number;
  readonly durability: Durability;
  readonly keepChunks: 'run' | 'step';
}

export function engineSettings(options: EngineOptions): EngineSettings {
  checkOptionKeys(
    options,
    [
      'store',
      'effects',
      'maxConcurrent',
      'maxSteps',
      'maxTasks',
      'graceMs',
      'leaseMs',
      'maxValueBytes',
      'durability',
      'keepChunks',
      'events',
      'observers',
    ],
    'createEngine',
  );
  checkList(
    options.effects,
    'effects',
    (item) => typeof (item as EffectSource).install === 'function',
    'effect sources such as httpEffects()',
  );
  checkList(options.observers, 'observers', isObserver, 'observers `{ observe, maxPending }`, the latter 1 or more');
  checkList(options.events, 'events', isSink, 'sinks `{ deliver, order }`, the order being "arrival" or "canonical"');
  if (options.store !== undefined && typeof (options.store as Partial<RunStore>).append !== 'function') {
    throw invalid('store', 'a store such as sqliteStore("runs.db")', options.store);
  }
  const { durability = 'effect', keepChunks = 'run' } = options;
  if (durability !== 'effect' && durability !== 'step') throw invalid('durability', '"effect" or "step"', durability);
  if (keepChunks !== 'run' && keepChunks !== 'step') throw invalid('keepChunks', '"run" or "step"', keepChunks);
  if (keepChunks === 'step' && options.store !== undefined && typeof options.store.dropChunks !== 'function')
    throw invalid('keepChunks', '"run": this store has no `dropChunks`', keepChunks);
  return {
    durability,
    keepChunks,
    maxConcurrent: count(options.maxConcurrent, 'maxConcurrent', 64, 1),
    maxSteps: count(options.maxSteps, 'maxSteps', 100_000, 1),
    maxTasks: count(options.maxTasks, 'maxTasks', 100_000, 1),
    graceMs: count(options.graceMs, 'graceMs', 5_000, 0),
    leaseMs: count(options.leaseMs, 'leaseMs', leaseMsDefault, 100),
    maxBytes: count(options.maxValueBytes, 'maxValueBytes', 16 * 1024 * 1024, 1),
  };
}

function isObserver(item: unknown): boolean {
  const { observe, maxPending = 1 } = item as Partial<RunObserver>;
  return typeof observe === 'function' && Number.isInteger(maxPending) && maxPending >= 1;
}

function isSink(item: unknown): boolean {
  const { deliver, order } = item as Partial<EventSink>;
  return typeof deliver === 'function' && (order === undefined || order === 'arrival' || order === 'canonical');
}
