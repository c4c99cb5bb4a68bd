// `context.effect` with a retry policy. Each try is an effect, and each wait a sleep, in a place of their own.
//   T1. A try that failed is journaled before the next one begins, so no crash repeats it under another key.
//   T2. A further attempt continues after the tries that failed in earlier ones. So it keeps the one that succeeded, and
//       sends the one that is in doubt under its old key.
//   T3. A try whose error does not say whether it happened is followed by one with its key. Where it is in doubt, the next
//       one is asked for at once: whether it is made is decided before it leaves (in-doubt.ts).
import type { Value } from '../../../../base/value.ts';
import type { EffectOptions } from '../../../../graph/types/context-types.ts';
import type { RetryPolicy } from '../../../../graph/spec.ts';
import { verdictOf } from '../../../../journal/step/verdict.ts';
import { currentTask } from '../../../../port/task.ts';
import type { CurrentTask } from '../../../../port/task.ts';
import { isWorthAnotherTry, retryAfter, retryDelayMs, waitMs } from '../../../rules/retry.ts';
import { callEffect } from './call-effect.ts';
import type { CalledEffect } from './call-effect.ts';
import type { EffectProtocol } from '../effect-protocol.ts';
import { retrySleep } from './sleep-effect.ts';

export type RetriedEffect = Omit<CalledEffect, 'options'> & {
  readonly options: EffectOptions & { readonly retry: RetryPolicy };
};

/** `place`: where its tries stand. */
export function retriedEffect(
  protocol: EffectProtocol,
  place: CurrentTask | undefined,
  effect: RetriedEffect,
): Promise<unknown> {
  const tries = (): Promise<unknown> => tryUntilDone(protocol, place?.path ?? effect.name, effect);
  return place === undefined ? tries() : currentTask.run(place, tries);
}

async function tryUntilDone(protocol: EffectProtocol, path: string, effect: RetriedEffect): Promise<unknown> {
  const { retry } = effect.options;
  for (let number = 1; ; number += 1) {
    try {
      return await callEffect(protocol, effect, number === 1 ? 'first try' : 'further try');
    } catch (thrown) {
      const isLast = number >= retry.attempts || !protocol.life.isOpen;
      if (isLast || !isWorthAnotherTry(retry, thrown as Value)) throw thrown;
      if (!isDecidedFirst(protocol, effect.options, thrown as Value))
        await waitAfter(protocol, { path, number, error: thrown as Value, retry });
    }
  }
}

/** Somebody decides whether there is another try, so there is nothing to wait for. */
function isDecidedFirst(protocol: EffectProtocol, { onDoubt = 'retry' }: EffectOptions, error: Value): boolean {
  if (onDoubt === 'retry') return false;
  const { semantics } = protocol.setup.parts.run;
  return verdictOf({ type: 'call' }, { kind: 'error', error }, semantics) === 'in doubt';
}

interface FailedTry {
  readonly path: string;
  readonly number: number;
  readonly error: Value;
  readonly retry: RetryPolicy;
}

/** What a sleep is told by never depends on the clock. */
function waitAfter(protocol: EffectProtocol, { path, number, error, retry }: FailedTry): Promise<void> | undefined {
  const { parts, world } = protocol.setup;
  const after = retryAfter(error, retry);
  if (after?.kind === 'time') return retrySleep(protocol, waitMs(after, parts.clock.now(), retry), after.text);
  const delayMs = after?.delayMs ?? retryDelayMs(retry, number, parts.seed.current, `${world.drawKey}>${path}`);
  return delayMs === 0 ? undefined : retrySleep(protocol, delayMs, delayMs);
}
