// `context.now`: the time, journaled so that a replay reads the same. It is answered at once and never held back. In an
// attempt that is entered again, a new reading is journaled only after the attempt has asked again for everything in
// the journal.
import type { Value } from '../../../../base/value.ts';
import type { EffectOutcome } from '../../../../journal/entry.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectProtocol } from '../effect-protocol.ts';

export function nowEffect(protocol: EffectProtocol, name: string): number {
  const kind = new NowEffect(protocol);
  protocol.ask({ type: 'now', name, request: undefined }, kind);
  return kind.time as number;
}

class NowEffect implements EffectKind {
  readonly delivery = 'direct';
  readonly isImmediate = true;
  readonly #protocol: EffectProtocol;
  time: Value;

  constructor(protocol: EffectProtocol) {
    this.#protocol = protocol;
  }

  perform(effect: Effect): void {
    effect.settle({ kind: 'value', value: this.#protocol.setup.parts.clock.now() });
  }

  resolve(outcome: EffectOutcome): void {
    const { parts, world } = this.#protocol.setup;
    const { reads } = world;
    this.time = outcome.kind === 'value' ? outcome.value : parts.clock.now();
    if (reads?.isStill === true) this.time = parts.run.observed.time;
    reads?.given?.('now', this.time);
  }

  reject(): void {
    // It is answered as soon as it is asked for, so it is never dropped.
  }
}
