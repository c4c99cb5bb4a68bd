// Replaces the clocks and the randomness of this process while at least one engine is open, and gives them back. Outside
// of nodes the replacements only pass calls on; in a node the attempt keeps what was read, or says what it was.
import { syncBuiltinESMExports } from 'node:module';
import type { EffectSource } from '../../port/effect-source.ts';
import { holdDate, replaceCalendar } from './calendar.ts';
import { replaceRandomness } from './randomness.ts';
import { readsNow } from './reads-now.ts';
import { replaceStopwatches } from './stopwatch.ts';
import { replaceTemporal } from './temporal.ts';

let useCount = 0;
let restore: (() => void) | undefined;

/** The returned function stops it; the last one to stop restores the process. */
export function installAmbientReads(): () => void {
  useCount += 1;
  restore ??= replaceAll();
  let isTaken = false;
  return () => {
    if (isTaken) return;
    isTaken = true;
    useCount -= 1;
    if (useCount > 0) return;
    restore?.();
    restore = undefined;
  };
}

/** For a replay: what a test replaces in the middle of it changes nothing for its nodes. */
export function installReplayedReads(): () => void {
  const remove = installAmbientReads();
  const release = holdDate();
  return () => {
    release();
    remove();
  };
}

/** What every live engine records without being asked to. */
export const ambientReads: EffectSource = { name: 'ambient', install: installAmbientReads };

function replaceAll(): () => void {
  const isInNode = (): boolean => readsNow() !== undefined;
  const restores = [
    replaceCalendar(isInNode),
    replaceStopwatches(isInNode),
    replaceTemporal(isInNode),
    replaceRandomness(),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const giveBack of restores.reverse()) giveBack();
    syncBuiltinESMExports();
  };
}
