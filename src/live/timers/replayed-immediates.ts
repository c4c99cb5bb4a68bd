// Gives nodes of a replay the real `setImmediate` where a test's fake timers stand: no test advances them for a node.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { currentAttempt } from '../../port/attempt.ts';
import { realClearImmediate, realSetImmediate, realWaitImmediate } from '../event-loop/real-timers.ts';
import { SharedFunction, replaceIn } from './shared-function.ts';

let userCount = 0;
let restore: (() => void) | undefined;

/** The returned function gives back what was there. */
export function installReplayedImmediates(): () => void {
  userCount += 1;
  restore ??= replaceAll();
  return () => {
    userCount -= 1;
    if (userCount > 0) return;
    restore?.();
    restore = undefined;
  };
}

type Function = (...given: never[]) => unknown;

function replaceAll(): () => void {
  const set = new SharedFunction<Function>('setImmediate', (others) => inReplays(realSetImmediate as Function, others));
  const clear = new SharedFunction<Function>('clearImmediate', (others) => {
    const clearReal = realClearImmediate as Function;
    return (...given) => (isReal(given[0]) ? clearReal(...given) : others()(...given));
  });
  const wait = inReplays(realWaitImmediate as Function, () => others.wait);
  const others = { wait: promises.setImmediate as Function };
  const restores = [
    replaceIn(timers, 'setImmediate', set.replacement),
    replaceIn(timers, 'clearImmediate', clear.replacement),
    replaceIn(promises, 'setImmediate', wait),
    () => set.giveBack(),
    () => clear.giveBack(),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const undo of restores) undo();
    syncBuiltinESMExports();
  };
}

function inReplays(real: Function, others: () => Function): Function {
  return (...given) => (currentAttempt.getStore()?.seal === undefined ? others() : real)(...given);
}

function isReal(handle: unknown): boolean {
  return typeof handle === 'object' && handle !== null && handle.constructor.name === 'Immediate';
}
