// Replaces the functions that set timers while an engine or a replay is open, and gives them back.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EffectSource } from '../../port/effect-source.ts';
import { clearerOf, setterOf, ticksOf, timeoutSignalOf, waitOf } from './set-by-nodes.ts';
import type { ClearTimer, SetTimer, Wait } from './set-by-nodes.ts';
import { SharedFunction, originalOf, originals, replaceIn } from './shared-function.ts';

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
