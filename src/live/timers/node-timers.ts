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

function replaceAll(): () => void {
  const wait = waitOf(promises.setTimeout as Wait);
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
  const restores = [set, repeat, clear, stop].flatMap((shared) => [
    () => shared.giveBack(),
    replaceIn(timers, shared.name, shared.replacement),
  ]);
  restores.push(
    replaceIn(promises, 'setTimeout', wait),
    replaceIn(promises, 'setInterval', ticksOf(promises.setInterval, repeat.replacement, stop.replacement)),
    replaceIn(promises.scheduler, 'wait', (delay: number, options: object) => wait(delay, undefined, options)),
    replaceIn(AbortSignal, 'timeout', timeoutSignalOf(AbortSignal.timeout)),
  );
  syncBuiltinESMExports();
  return () => {
    for (const undo of restores) undo();
    syncBuiltinESMExports();
  };
}

/** A global function. The fake timers of a test may stand there before ours, or come and go meanwhile: ours calls theirs. */
class SharedFunction<Kind extends object> {
  readonly name: string;
  readonly replacement: Kind;
  readonly #own: PropertyDescriptor;
  /** What stands there for everybody but a node. */
  #others: Kind;
  readonly #before: Kind;

  constructor(name: string, make: (others: () => Kind) => Kind) {
    this.name = name;
    this.#own = Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor;
    const before = (globalThis as unknown as Record<string, Kind>)[name] as Kind;
    this.#before = before;
    this.#others = before;
    this.replacement = make(() => this.#others);
    for (const key of ['name', 'length'])
      Object.defineProperty(this.replacement, key, { value: before[key as never], configurable: true });
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: this.#own.enumerable ?? true,
      // Fake timers look at what they put there, and add to it. They do so outside of nodes.
      get: () => (this.#others === before || attemptNow() !== undefined ? this.replacement : this.#others),
      // Fake timers that are taken away put back what they found, which may be ours.
      set: (given: Kind) => {
        this.#others = given === this.replacement ? before : given;
      },
    });
  }

  giveBack(): void {
    Object.defineProperty(globalThis, this.name, {
      configurable: true,
      enumerable: this.#own.enumerable ?? true,
      writable: true,
      value: this.#others,
    });
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
