// `context.sleep` and `context.sleepUntil`: a wait. A long one is journaled when it begins, as is any for which the run
// leaves memory, so that a resumed run waits only for the rest.
import { canonicalValue } from '../../../../base/value.ts';
import type { Value } from '../../../../base/value.ts';
import type { EffectOutcome } from '../../../../journal/entry.ts';
import { keptEffect } from '../effect-policy.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectPolicy } from '../effect-policy.ts';
import type { Asked } from '../effect-refs.ts';
import type { EffectProtocol } from '../effect-protocol.ts';

/** Shorter sleeps for which the run stays in memory start over after a crash. */
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
    const { parts, key: at } = this.#protocol.setup;
    const { clock, rest } = parts;
    const now = clock.now();
    const due = effect.begun?.observed.due ?? this.#end(now);
    // The clock that wrote when it is over may have been ahead: nobody waits for longer than one that begins now.
    const leftMs = Math.max(0, Math.min(due, this.#end(now)) - now);
    const isParked = this.#mayPark && rest.isLong(leftMs);
    if (effect.begun === undefined) this.#keep(effect, due, isParked || due - now >= sleepMsDurable);
    const wake = (): void => effect.settle({ kind: 'value', value: undefined });
    this.#cancelTimer = clock.setTimer(leftMs, wake, { kind: 'sleep', at, effect: effect.ref });
    if (!isParked) return;
    this.#endLongWait = rest.addLongWait(now + leftMs);
    effect.wait();
  }

  /** A node with a time limit stays in memory: its time keeps running while it sleeps. */
  get #mayPark(): boolean {
    const { parts, node } = this.#protocol.setup;
    return parts.settings.isDurable && node.policy.timeoutMs === undefined;
  }

  /** A run that leaves memory enters its node again: a wait that was not kept would start over each time. */
  #keep(effect: Effect, due: number, isLong: boolean): void {
    const { journal, settings } = this.#protocol.setup.parts;
    if (!isLong || !settings.isDurable) return;
    effect.journalBegin({ due });
    journal.writeSoon();
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
