// `context.sleep` and `context.sleepUntil`: a wait. A long one is journaled when it begins, so that a resumed run waits only for the rest.
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { EffectOutcome } from '../../../journal/entry.ts';
import type { Effect, EffectKind } from './effect.ts';
import type { EffectProtocol } from './effect-protocol.ts';

/** Shorter sleeps start over after a crash. */
const sleepMsDurable = 1_000;

export function sleepEffect(protocol: EffectProtocol, delayMs: number, name: string): Promise<void> {
  return sleeping(protocol, { name, request: delayMs, end: (now) => now + delayMs });
}

/** `time`: milliseconds since 1970. */
export function sleepUntilEffect(protocol: EffectProtocol, time: number, name: string): Promise<void> {
  const request = canonicalValue({ until: time }, 'the time');
  return sleeping(protocol, { name, request, end: () => time });
}

interface Sleep {
  readonly name: string;
  readonly request: Value;
  /** When one that begins now is over. */
  readonly end: (now: number) => number;
}

function sleeping(protocol: EffectProtocol, { name, request, end }: Sleep): Promise<void> {
  return new Promise((resolve, reject) => {
    protocol.ask({ type: 'sleep', name, request }, new SleepEffect(protocol, end, resolve, reject));
  });
}

class SleepEffect implements EffectKind {
  readonly delivery = 'sleep';
  readonly #protocol: EffectProtocol;
  readonly #end: Sleep['end'];
  readonly #resolve: () => void;
  readonly reject: (error: Error) => void;
  #cancelTimer: (() => void) | undefined;
  #endLongWait: (() => void) | undefined;

  constructor(protocol: EffectProtocol, end: Sleep['end'], resolve: () => void, reject: (error: Error) => void) {
    this.#protocol = protocol;
    this.#end = end;
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
    const due = effect.begun?.observed.due ?? this.#end(now);
    if (effect.begun === undefined && settings.isDurable && due - now >= sleepMsDurable) {
      effect.journalBegin({ due });
      // The run learns of a failing store through its stop.
      (journal.ready() ?? Promise.resolve()).catch(() => undefined);
    }
    return Math.max(0, due - now);
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
