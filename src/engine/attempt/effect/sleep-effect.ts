// `context.sleep`: a wait. A long one is journaled when it begins, so that a resumed run waits only for the rest.
import type { EffectOutcome } from '../../../journal/entry.ts';
import { keptEffect } from './effect.ts';
import type { Effect, EffectKind } from './effect.ts';
import type { EffectProtocol } from './effect-protocol.ts';

/** Shorter sleeps start over after a crash. */
const sleepMsDurable = 1_000;

export function sleepEffect(protocol: EffectProtocol, delayMs: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const kind = new SleepEffect(protocol, delayMs, resolve, reject);
    protocol.ask({ type: 'sleep', name, request: delayMs }, kind);
  });
}

class SleepEffect implements EffectKind {
  readonly delivery = 'sleep';
  readonly policy = keptEffect;
  readonly #protocol: EffectProtocol;
  readonly #delayMs: number;
  readonly #resolve: () => void;
  readonly reject: (error: Error) => void;
  #cancelTimer: (() => void) | undefined;
  #endLongWait: (() => void) | undefined;

  constructor(protocol: EffectProtocol, delayMs: number, resolve: () => void, reject: (error: Error) => void) {
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
