// `context.sleep` and `context.sleepUntil`: a wait. A long one is journaled when it begins, so that a resumed run waits
// only for the rest.
import { canonicalValue } from '../../../../base/value.ts';
import type { Value } from '../../../../base/value.ts';
import type { EffectOutcome } from '../../../../journal/entry.ts';
import { keptEffect } from '../effect-policy.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectPolicy } from '../effect-policy.ts';
import type { Asked } from '../effect-refs.ts';
import type { EffectProtocol } from '../effect-protocol.ts';

/** Shorter sleeps start over after a crash. */
const sleepMsDurable = 1_000;

export function sleepEffect(protocol: EffectProtocol, delayMs: number, name: string): Promise<void> {
  const end = endAfter(delayMs);
  return askSleep(protocol, { type: 'sleep', name, request: delayMs }, { end, policy: keptEffect });
}

/** `time`: milliseconds since 1970. */
export function sleepUntilEffect(protocol: EffectProtocol, time: number, name: string): Promise<void> {
  const request = canonicalValue({ until: time }, 'the time');
  return askSleep(protocol, { type: 'sleep', name, request }, { end: () => time, policy: keptEffect });
}

/** The wait before a further try of an effect. `request`: what it is told by; a later attempt waits again. */
export function retrySleep(protocol: EffectProtocol, delayMs: number, request: Value): Promise<void> {
  return askSleep(protocol, { type: 'sleep', name: 'retry', request }, { end: endAfter(delayMs), policy: {} });
}

interface Wait {
  /** When one that begins now is over. */
  readonly end: (now: number) => number;
  readonly policy: EffectPolicy;
}

function endAfter(delayMs: number): Wait['end'] {
  return (now) => now + delayMs;
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
  readonly #end: Wait['end'];
  readonly #resolve: () => void;
  readonly reject: (error: Error) => void;
  #cancelTimer: (() => void) | undefined;
  #endLongWait: (() => void) | undefined;

  constructor(protocol: EffectProtocol, { end, policy }: Wait, resolve: () => void, reject: (error: Error) => void) {
    this.policy = policy;
    this.#protocol = protocol;
    this.#end = end;
    this.#resolve = resolve;
    this.reject = reject;
  }

  perform(effect: Effect): void {
    const { parts, node, key: at } = this.#protocol.setup;
    const leftMs = this.#leftMs(effect);
    const wake = (): void => effect.settle({ kind: 'value', value: undefined });
    this.#cancelTimer = parts.clock.setTimer(leftMs, wake, { kind: 'sleep', at, effect: effect.ref });
    // A node with a time limit stays in memory: its time keeps running while it sleeps.
    const isParked = parts.settings.isDurable && parts.rest.isLong(leftMs) && node.policy.timeoutMs === undefined;
    if (!isParked) return;
    this.#endLongWait = parts.rest.addLongWait(parts.clock.now() + leftMs);
    effect.wait();
  }

  #leftMs(effect: Effect): number {
    const { clock, journal, settings } = this.#protocol.setup.parts;
    const now = clock.now();
    const due = effect.begun?.observed.due ?? this.#end(now);
    if (effect.begun === undefined && settings.isDurable && due - now >= sleepMsDurable) {
      effect.journalBegin({ due });
      journal.writeSoon();
    }
    // The clock that wrote when it is over may have been ahead: nobody waits for longer than one that begins now.
    return Math.max(0, Math.min(due, this.#end(now)) - now);
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
