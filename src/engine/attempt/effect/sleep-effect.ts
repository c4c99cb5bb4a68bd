// `context.sleep`: a wait. A long one is journaled when it begins, so that a resumed run waits only for the rest.
import type { Value } from '../../../base/value.ts';
import type { EffectOutcome } from '../../../journal/entry.ts';
import { keptEffect } from './effect.ts';
import type { Effect, EffectKind, EffectPolicy } from './effect.ts';
import type { Asked } from './effect-refs.ts';
import type { EffectProtocol } from './effect-protocol.ts';

/** Shorter sleeps start over after a crash. */
const sleepMsDurable = 1_000;

export function sleepEffect(protocol: EffectProtocol, delayMs: number, name: string): Promise<void> {
  return askSleep(protocol, { type: 'sleep', name, request: delayMs }, { delayMs, policy: keptEffect });
}

/** The wait before a further try of an effect. `request`: what it is told by; a later attempt waits again. */
export function retrySleep(protocol: EffectProtocol, delayMs: number, request: Value): Promise<void> {
  return askSleep(protocol, { type: 'sleep', name: 'retry', request }, { delayMs, policy: {} });
}

interface Wait {
  readonly delayMs: number;
  readonly policy: EffectPolicy;
}

function askSleep(protocol: EffectProtocol, asked: Asked, wait: Wait): Promise<void> {
  return new Promise((resolve, reject) => {
    protocol.ask(asked, new SleepEffect(protocol, wait, resolve, reject));
  });
}

class SleepEffect implements EffectKind {
  readonly delivery = 'sleep';
  readonly policy: EffectPolicy;
  readonly #protocol: EffectProtocol;
  readonly #delayMs: number;
  readonly #resolve: () => void;
  readonly reject: (error: Error) => void;
  #cancelTimer: (() => void) | undefined;
  #endLongWait: (() => void) | undefined;

  constructor(
    protocol: EffectProtocol,
    { delayMs, policy }: Wait,
    resolve: () => void,
    reject: (error: Error) => void,
  ) {
    this.policy = policy;
    this.#protocol = protocol;
    this.#delayMs = delayMs;
    this.#resolve = resolve;
    this.reject = reject;
  }

  perform(effect: Effect): void {
    const { parts, node } = this.#protocol.setup;
    const leftMs = this.#leftMs(effect);
    this.#cancelTimer = parts.clock.setTimer(leftMs, () => effect.settle({ kind: 'value', value: undefined }));
    // A node with a time limit stays in memory: its time keeps running while it sleeps.
    const isParked = parts.settings.isDurable && parts.rest.isLong(leftMs) && node.policy.timeoutMs === undefined;
    if (!isParked) return;
    this.#endLongWait = parts.rest.addLongWait(parts.clock.now() + leftMs);
    effect.wait();
  }

  #leftMs(effect: Effect): number {
    const { clock, journal, settings } = this.#protocol.setup.parts;
    const now = clock.now();
    const due = effect.begun?.observed.due;
    if (due !== undefined) return Math.max(0, due - now);
    if (settings.isDurable && this.#delayMs >= sleepMsDurable) {
      effect.journalBegin({ due: now + this.#delayMs });
      // The run learns of a failing store through its stop.
      (journal.ready() ?? Promise.resolve()).catch(() => undefined);
    }
    return this.#delayMs;
  }

  release(): void {
    this.#cancelTimer?.();
    this.#endLongWait?.();
  }

  resolve(outcome: EffectOutcome): void {
    if (outcome.kind === 'value') this.#resolve();
    else this.reject(outcome.error as Error);
  }
}
