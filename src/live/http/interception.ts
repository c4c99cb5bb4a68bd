// Patches this process while at least one engine records HTTP, and restores it afterwards.
//   I1. A request is recorded with the options of the engine whose attempt makes it.
//   I2. A request that belongs to nobody goes out as without us. The engines note it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { currentAttempt, isAroundRuns } from '../../port/attempt.ts';
import type { RecordingEngine, UnattributedRequest } from '../../port/effect-source.ts';
import type { Asker, Askers } from './asker.ts';
import { patchDispatcher } from './fetch/dispatcher-patch.ts';
import { patchFetch } from './fetch/fetch-patch.ts';
import { watchUndici } from './fetch/undici-watch.ts';
import type { HttpEffectsOptions } from './http-options.ts';
import { patchClientRequest } from './node/client-request-patch.ts';

interface Want {
  readonly options: HttpEffectsOptions;
  /** Whose attempts are recorded. */
  readonly engine: RecordingEngine;
}

const wanted: Want[] = [];
let restore: (() => void) | undefined;

/**
 * Starts intercepting for an engine; the returned function stops it. The last one to stop restores the process. Requests
 * that belong to no attempt go out untouched.
 */
export function installInterception(options: HttpEffectsOptions, engine: RecordingEngine): () => void {
  const want: Want = { options, engine };
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
  const askers: Askers = { who: whoIsAsking, noteNobodys, passNobodys };
  const restores = [patchFetch(askers), patchDispatcher(askers), watchUndici(askers), patchClientRequest(askers)];
  return () => {
    for (const undo of restores.reverse()) undo();
  };
}

function whoIsAsking(): Asker | undefined {
  const current = currentAttempt.getStore();
  if (current?.isPerforming === true) return undefined;
  if (current === undefined || current.http.requests === 'nobody') return undefined;
  // A wrapper that somebody put around ours may still call it after interception has stopped.
  const want = wanted.findLast(({ engine }) => engine === current.http.engine);
  return want === undefined ? undefined : { attempt: current, options: want.options };
}

/** Set while a request goes out that is noted already: `fetch` reaches undici later, without the stack of its caller. */
const noted = new AsyncLocalStorage<true>();

function noteNobodys(host: () => string): boolean {
  const current = currentAttempt.getStore();
  const isNobodys = current === undefined || (current.isPerforming !== true && current.http.requests === 'nobody');
  if (!isNobodys || noted.getStore() === true || isAroundRuns()) return false;
  const request = (): UnattributedRequest => ({ host: host(), madeAt: new Error('made here') });
  for (const engine of new Set(wanted.map((want) => want.engine))) engine.noteUnattributed(request);
  return true;
}

function passNobodys<Result>(host: () => string, send: () => Result): Result {
  return noteNobodys(host) ? noted.run(true, send) : send();
}
