// Patches this process while at least one engine records HTTP, and restores it afterwards.
import { currentAttempt } from '../../port/attempt.ts';
import type { Asker } from './asker.ts';
import { patchDispatcher } from './fetch/dispatcher-patch.ts';
import { patchFetch } from './fetch/fetch-patch.ts';
import type { HttpEffectsOptions } from './http-options.ts';
import { patchClientRequest } from './node/client-request-patch.ts';

interface Want {
  readonly options: HttpEffectsOptions;
}

const wanted: Want[] = [];
let restore: (() => void) | undefined;

/**
 * Starts intercepting; the returned function stops it. The last one to stop restores the process. Requests that belong to
 * no attempt go out untouched.
 */
export function installInterception(options: HttpEffectsOptions): () => void {
  const want: Want = { options };
  wanted.push(want);
  restore ??= patchAll();
  return () => {
    const index = wanted.indexOf(want);
    if (index < 0) return;
    wanted.splice(index, 1);
    if (wanted.length > 0) return;
    restore?.();
    restore = undefined;
  };
}

function patchAll(): () => void {
  const restores = [patchFetch(whoIsAsking), patchDispatcher(whoIsAsking), patchClientRequest(whoIsAsking)];
  return () => {
    for (const undo of restores.reverse()) undo();
  };
}

function whoIsAsking(): Asker | undefined {
  const want = wanted.at(-1);
  const attempt = currentAttempt.getStore();
  // A wrapper that somebody put around ours may still call it after interception has stopped.
  if (want === undefined || attempt === undefined || attempt.isPerforming === true) return undefined;
  return { attempt, options: want.options };
}
