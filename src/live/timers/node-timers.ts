// Replaces the functions that set timers while an engine or a replay is open, and gives them back.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EffectSource } from '../../port/effect-source.ts';
import { attemptNow, clearerOf, setterOf, ticksOf, timeoutSignalOf, waitOf } from './set-by-nodes.ts';
import type { ClearTimer, SetTimer, Wait } from './set-by-nodes.ts';

/** A source of every engine: its nodes set timers whether or not anything else of theirs is recorded. */
export const nodeTimers: EffectSource = { name: 'timers', install: installNodeTimers };

let userCount = 0;
let restore: (() => void) | undefined;

export function installNodeTimers(): () => void {
  userCount += 1;
  restore ??= replaceAll();
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    userCount -= 1;
    if (userCount > 0) return;
    restore?.();
    restore = undefined;
  };
}

/** What our functions call. Fake timers that leave after us put ours back, and ours must not be replaced by ours again. */
const originals = new WeakMap<object, object>();

function originalOf<Found extends object>(found: Found): Found {
  return (originals.get(found) as Found | undefined) ?? found;
}

function replaceAll(): () => void {
  const wait = madeFor(promises.setTimeout as Wait, waitOf);
  const set = new SharedFunction<SetTimer>('setTimeout', (original) =>
    Object.defineProperty(setterOf(original, false), promisify.custom, {
      value: wait,
      configurable: true,
      writable: true,
    }),
  );
  const repeat = new SharedFunction<SetTimer>('setInterval', (original) => setterOf(original, true));
  const clear = new SharedFunction<ClearTimer>('clearTimeout', clearerOf);
  const stop = new SharedFunction<ClearTimer>('clearInterval', clearerOf);
  const ticks = madeFor(promises.setInterval, (original) => ticksOf(original, repeat.replacement, stop.replacement));
  const restores = [set, repeat, clear, stop].flatMap((shared) => [
    () => shared.giveBack(),
    replaceIn(timers, shared.name, shared.replacement),
  ]);
  restores.push(
    replaceIn(promises, 'setTimeout', wait),
    replaceIn(promises, 'setInterval', ticks),
    replaceIn(promises.scheduler, 'wait', (delay: number, options: object) => wait(delay, undefined, options)),
    replaceIn(AbortSignal, 'timeout', madeFor(AbortSignal.timeout, timeoutSignalOf)),
  );
  syncBuiltinESMExports();
  return () => {
    for (const undo of restores) undo();
    syncBuiltinESMExports();
  };
}

function madeFor<Found extends object, Made extends object>(found: Found, make: (original: Found) => Made): Made {
  const original = originalOf(found);
  const made = make(original);
  originals.set(made, original);
  return made;
}

/**
 * A global function. The fake timers of a test may stand there before ours, or come and go meanwhile: ours calls theirs.
 *
 * They give back either the function that they found or the whole property. So the property has two forms, and the first
 * one says that nobody else's function is there.
 */
class SharedFunction<Kind extends (...given: never[]) => unknown> {
  readonly name: string;
  readonly replacement: Kind;
  readonly #before: Kind;
  /** What stands there for everybody but a node. */
  #others: Kind;
  #isPassingOn = false;
  readonly #alone: PropertyDescriptor;
  readonly #shared: PropertyDescriptor;

  constructor(name: string, make: (others: () => Kind) => Kind) {
    this.name = name;
    const { enumerable = true } = Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor;
    const before = originalOf((globalThis as unknown as Record<string, Kind>)[name] as Kind);
    this.#before = before;
    this.#others = before;
    this.replacement = make(() => (this.#isAlone ? before : this.#passOn));
    originals.set(this.replacement, before);
    for (const key of ['name', 'length'])
      Object.defineProperty(this.replacement, key, { value: before[key as never], configurable: true });
    // Fake timers that were there first find on ours what they left on theirs, or they would delete the global.
    Object.setPrototypeOf(this.replacement, before);
    const set = (given: Kind): void => {
      this.#others = given === this.replacement ? before : given;
      Object.defineProperty(globalThis, name, this.#others === before ? this.#alone : this.#shared);
    };
    this.#alone = { configurable: true, enumerable, get: () => this.replacement, set };
    // Fake timers look at what they put there, and add to it. They do so outside of nodes.
    const seen = (): Kind => (attemptNow() === undefined ? this.#others : this.replacement);
    this.#shared = { configurable: true, enumerable, get: seen, set };
    Object.defineProperty(globalThis, name, this.#alone);
  }

  get #isAlone(): boolean {
    if (this.#others === this.#before) return true;
    return Object.getOwnPropertyDescriptor(globalThis, this.name)?.get === this.#alone.get;
  }

  /** Fake timers give what is not theirs to what they found there. That may be ours: then it is for what was there before. */
  readonly #passOn = ((...given: never[]): unknown => {
    if (this.#isPassingOn) return this.#before(...given);
    this.#isPassingOn = true;
    try {
      return this.#others(...given);
    } finally {
      this.#isPassingOn = false;
    }
  }) as Kind;

  giveBack(): void {
    const { get, enumerable = true } = Object.getOwnPropertyDescriptor(globalThis, this.name) ?? {};
    // Else somebody has put the whole property back as it was before ours.
    if (get === this.#alone.get || get === this.#shared.get) {
      const value = get === this.#alone.get ? this.#before : this.#others;
      Object.defineProperty(globalThis, this.name, { configurable: true, enumerable, writable: true, value });
    }
    this.#others = this.#before;
  }
}

function replaceIn(holder: object, name: string, replacement: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const put = (descriptor: PropertyDescriptor): unknown => Object.defineProperty(holder, name, descriptor);
  put({ configurable: true, enumerable: own?.enumerable ?? true, writable: true, value: replacement });
  return () => {
    if ((holder as Record<string, unknown>)[name] !== replacement) return;
    if (own === undefined) delete (holder as Record<string, unknown>)[name];
    else put(own);
  };
}
