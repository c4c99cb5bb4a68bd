// What is put into this process while at least one engine wants HTTP recorded, and taken out again afterwards.
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { patchClientRequest } from './client-request-patch.ts';
import { patchDispatcher } from './dispatcher-patch.ts';
import { patchFetch } from './fetch-patch.ts';
import type { HttpEffectsOptions } from './http-effects.ts';

const wanted: { readonly options: HttpEffectsOptions }[] = [];
let restore: (() => void) | undefined;

/** Begins to intercept; the returned function ends it. The last one gives everything back. */
export function installInterception(options: HttpEffectsOptions): () => void {
  const want = { options };
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

export interface Asker {
  readonly attempt: CurrentAttempt;
  readonly options: HttpEffectsOptions;
}

/** The attempt that an exchange which starts now belongs to; `undefined` where it is none of ours. */
export type WhoIsAsking = () => Asker | undefined;

function whoIsAsking(): Asker | undefined {
  const attempt = currentAttempt.getStore();
  if (attempt === undefined || attempt.isPerforming) return undefined;
  const options = wanted.at(-1)?.options;
  // Somebody may have put a wrapper around ours, and still call it after we have gone.
  return options === undefined ? undefined : { attempt, options };
}
