// Patches this process while at least one engine records HTTP, and restores it afterwards.
//   I1. A request is recorded with the options of the engine whose attempt makes it.
//   I2. A request that belongs to nobody goes out as without us. The engines note it.
//   I3. One that is no part of its run goes out as without us, and in a replay it is answered with a placeholder.
import { AsyncLocalStorage } from 'node:async_hooks';
import { noOptions } from '../../base/options/option-shape.ts';
import { currentAttempt, isAroundRuns } from '../../port/attempt.ts';
import type { RecordingEngine } from '../../port/effect-source.ts';
import type { RequestRules } from '../../journal/run-facts.ts';
import { addressOf } from '../../journal/http/address.ts';
import { outsideEndpoint } from '../../journal/http/outside-endpoints.ts';
import type { FoundEndpoint } from '../../journal/http/outside-endpoints.ts';
import type { Asker, Askers, Starting } from './options/asker.ts';
import { patchDispatcher } from './fetch/dispatcher/dispatcher-patch.ts';
import { patchFetch } from './fetch/fetch-patch.ts';
import { watchUndici } from './fetch/undici-watch.ts';
import type { HttpEffectsOptions } from './options/http-options.ts';
import { patchClientRequest } from './node/client-request-patch.ts';
import { hostOf, PlaceholderAttempt } from './placeholder-attempt.ts';

interface Want {
  readonly options: HttpEffectsOptions;
  /** Whose attempts are recorded. */
  readonly engine: RecordingEngine;
  /** By which it tells what belongs to nobody. A run has its own. */
  readonly rules: RequestRules | undefined;
}

const wanted: Want[] = [];
let restore: (() => void) | undefined;

/**
 * Starts intercepting for an engine; the returned function stops it. The last one to stop restores the process. Requests
 * that belong to no attempt go out untouched.
 */
export function installInterception(
  options: HttpEffectsOptions,
  engine: RecordingEngine,
  rules: RequestRules | undefined,
): () => void {
  const want: Want = { options, engine, rules };
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

function whoIsAsking(starting: Starting): Asker | undefined {
  const current = currentAttempt.getStore();
  if (current?.isPerforming === true) return undefined;
  if (current === undefined || current.http.requests === 'nobody') return undefined;
  // A wrapper that somebody put around ours may still call it after interception has stopped.
  const want = wanted.findLast(({ engine }) => engine === current.http.engine);
  if (want === undefined) return undefined;
  const endpoint = endpointOf(current.http.rules, starting);
  if (endpoint === undefined) return { attempt: current, options: want.options };
  if (current.seal !== undefined && current.seal.letsPerform !== true)
    return { attempt: new PlaceholderAttempt(current, endpoint, starting), options: noOptions };
  const { name, kind } = endpoint;
  if (kind === 'credential') current.seal?.passedOutside?.({ endpoint: name, host: hostOf(starting) });
  return { attempt: current, options: want.options, passes: kind };
}

/** What a Unix socket leads to cannot be told from an address. */
function endpointOf(rules: RequestRules | undefined, starting: Starting): FoundEndpoint | undefined {
  if (rules?.outside === undefined) return undefined;
  const { method = '', url = '', socketPath } = starting() ?? {};
  const address = socketPath === undefined ? addressOf(url) : undefined;
  return address === undefined ? undefined : outsideEndpoint(rules, { method, url: address.url });
}

/** Set while a request goes out that is noted already: `fetch` reaches undici later, without the stack of its caller. */
const noted = new AsyncLocalStorage<true>();

function noteNobodys(host: () => string, starting: Starting): boolean {
  const current = currentAttempt.getStore();
  const isNobodys = current === undefined || (current.isPerforming !== true && current.http.requests === 'nobody');
  if (!isNobodys || noted.getStore() === true || isAroundRuns()) return false;
  for (const [engine, rules] of new Map(wanted.map((want) => [want.engine, want.rules])))
    engine.noteUnattributed(() =>
      endpointOf(rules, starting) === undefined ? { host: host(), madeAt: new Error('made here') } : undefined,
    );
  return true;
}

function passNobodys<Result>(host: () => string, starting: Starting, send: () => Result): Result {
  return noteNobodys(host, starting) ? noted.run(true, send) : send();
}
