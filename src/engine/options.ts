// Options, checked when they are given: nothing is accepted and ignored.
import { checkOptionKeys } from '../base/option-check.ts';
import { RepriseError } from '../base/error.ts';
import type { EffectSource } from '../port/effect-source.ts';
import type { RunObserver } from '../port/observer.ts';
import type { RunStore } from '../port/store.ts';
import type { EventSink } from './event-delivery.ts';
import { leaseMsDefault } from './owner.ts';
import type { WorkOptions } from './worker.ts';

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

/** Where a run pauses without being asked a question; go on with `resume`. */
export interface BreakpointOptions {
  /** Nodes before which the run pauses. */
  readonly pauseBefore?: readonly string[];
  /** Nodes after which it does, once their step is committed. */
  readonly pauseAfter?: readonly string[];
}

export interface ResumeOptions extends BreakpointOptions {
  /** The answer to the one question that is open. */
  readonly answer?: unknown;
  /** Answers by the keys of their questions. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Go on though the graph has changed where the run still has to go, or asks for something else than it did. */
  readonly force?: boolean;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** How long the run may take from here, in milliseconds. Beyond: it fails with `limit-reached`. */
  readonly timeoutMs?: number;
}

export interface RunOptions extends BreakpointOptions {
  /** Names the run; by default one is made up. */
  readonly runId?: string;
  /** What random draws derive from; by default made up, and kept in the journal. */
  readonly seed?: string;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** If the id is taken: `error` (the default) is `run-exists`; `attach` gives the result of that run. */
  readonly onExisting?: 'error' | 'attach';
  /** How long the run may take, in milliseconds. Beyond: it fails with `limit-reached`. */
  readonly timeoutMs?: number;
}

export interface EngineLimits {
  readonly maxConcurrent: number;
  readonly maxSteps: number;
  readonly maxTasks: number;
  readonly graceMs: number;
  readonly leaseMs: number;
  readonly maxBytes: number;
  readonly durability: Durability;
  readonly keepChunks: 'run' | 'step';
}

export function engineLimits(options: EngineOptions): EngineLimits {
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

export function checkRunOptions(options: RunOptions): void {
  checkOptionKeys(
    options,
    ['runId', 'seed', 'signal', 'onExisting', 'timeoutMs', 'pauseBefore', 'pauseAfter'],
    'engine.run',
  );
  checkBreakpoints(options);
  checkSignal(options);
  checkText(options.runId, 'runId');
  checkText(options.seed, 'seed');
  if (options.onExisting !== undefined && options.onExisting !== 'error' && options.onExisting !== 'attach') {
    throw invalid('onExisting', '"error" or "attach"', options.onExisting);
  }
}

export function checkResumeOptions(options: ResumeOptions): void {
  checkOptionKeys(
    options,
    ['answer', 'answers', 'force', 'signal', 'timeoutMs', 'pauseBefore', 'pauseAfter'],
    'engine.resume',
  );
  checkBreakpoints(options);
  checkSignal(options);
  if (options.force !== undefined && typeof options.force !== 'boolean')
    throw invalid('force', 'true or false', options.force);
  if (options.answers !== undefined && (typeof options.answers !== 'object' || options.answers === null))
    throw invalid('answers', 'an object of answers by the keys of their questions', options.answers);
  if (options.answers !== undefined && 'answer' in options)
    throw invalid('answer', 'either the one answer or all of them by their keys', options.answer);
}

export function checkedWork(options: WorkOptions): WorkOptions {
  checkOptionKeys(options, ['pollMs', 'maxRuns', 'parkMs', 'isOnce', 'signal', 'onRun', 'onError'], 'engine.work');
  count(options.pollMs, 'pollMs', 1_000, 1);
  count(options.maxRuns, 'maxRuns', 8, 1);
  count(options.parkMs, 'parkMs', 10_000, 0);
  if (options.isOnce !== undefined && typeof options.isOnce !== 'boolean')
    throw invalid('isOnce', 'true or false', options.isOnce);
  for (const name of ['onRun', 'onError'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw invalid(name, 'a function', options[name]);
  checkSignal(options);
  return options;
}

function checkSignal({ signal, timeoutMs }: Pick<RunOptions, 'signal' | 'timeoutMs'>): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('signal', 'an AbortSignal', signal);
  if (timeoutMs !== undefined) count(timeoutMs, 'timeoutMs', 0, 1);
}

function checkBreakpoints(options: BreakpointOptions): void {
  for (const name of ['pauseBefore', 'pauseAfter'] as const) {
    const given: unknown = options[name];
    if (given === undefined) continue;
    if (!Array.isArray(given) || !given.every((item) => typeof item === 'string'))
      throw invalid(name, 'a list of node names', given);
  }
}

function count(given: number | undefined, name: string, standard: number, least: number): number {
  if (given === undefined) return standard;
  if (given === Number.POSITIVE_INFINITY && name !== 'graceMs' && name !== 'timeoutMs') return given;
  if (!Number.isInteger(given) || given < least) throw invalid(name, `a whole number, ${least} or more`, given);
  return given;
}

const idLengthMax = 200;

export function checkLabel(label: unknown): void {
  checkText(label, 'label');
  if (label === undefined) throw invalid('label', 'a text', label);
}

function checkText(given: unknown, name: string): void {
  if (given === undefined) return;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (typeof given !== 'string' || given === '' || given.length > idLengthMax || /[\u0000-\u001f\u007f]/.test(given)) {
    throw invalid(name, `a text of 1 to ${idLengthMax} characters without control characters`, given);
  }
}

function checkList(given: unknown, name: string, fits: (item: unknown) => boolean, what: string): void {
  if (given === undefined) return;
  if (!Array.isArray(given) || !given.every((item) => typeof item === 'object' && item !== null && fits(item))) {
    throw invalid(name, `a list of ${what}`, given);
  }
}

function isObserver(item: unknown): boolean {
  const { observe, maxPending = 1 } = item as Partial<RunObserver>;
  return typeof observe === 'function' && Number.isInteger(maxPending) && maxPending >= 1;
}

function isSink(item: unknown): boolean {
  const { deliver, order } = item as Partial<EventSink>;
  return typeof deliver === 'function' && (order === undefined || order === 'arrival' || order === 'canonical');
}

function invalid(name: string, wanted: string, given: unknown): RepriseError {
  const shown =
    typeof given === 'object' || typeof given === 'function' ? typeof given : (JSON.stringify(given) ?? String(given));
  return new RepriseError('option-invalid', `option "${name}" is ${shown}`, {
    nextStep: `Give ${wanted}.`,
    fields: { option: name },
  });
}
