// What is put into this process while at least one engine wants HTTP recorded, and taken out again afterwards.
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import type { Asker } from './asker.ts';
import { patchClientRequest } from './node/client-request-patch.ts';
import { patchDispatcher } from './fetch/dispatcher-patch.ts';
import { patchFetch } from './fetch/fetch-patch.ts';
import type { HttpEffectsOptions } from './http-options.ts';

interface Want {
  readonly options: HttpEffectsOptions;
  readonly outside: CurrentAttempt | undefined;
}

const wanted: Want[] = [];
let restore: (() => void) | undefined;

/**
 * Begins to intercept; the returned function ends it. The last one gives everything back.
 *
 * `outside` stands for what belongs to no attempt: without it such requests go out untouched. A replay gives one that
 * refuses them.
 */
export function installInterception(options: HttpEffectsOptions, outside?: CurrentAttempt): () => void {
  const want: Want = { options, outside };
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
  const attempt = currentAttempt.getStore() ?? want?.outside;
  // Somebody may have put a wrapper around ours, and still call it after we have gone.
  if (want === undefined || attempt === undefined || attempt.isPerforming) return undefined;
  return { attempt, options: want.options };
}
