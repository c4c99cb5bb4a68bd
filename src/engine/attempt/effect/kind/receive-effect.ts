// `context.receive`: the next signal of a name that was sent to the run.
//   R1. Signals of a name are received in the order in which they were sent, by those that asked first.
//   R2. A signal may come before anything waits for it. The run keeps it.
import { RepriseError } from '../../../../base/error.ts';
import { ownView } from '../../../../base/own-view.ts';
import type { ReceiveOptions } from '../../../../graph/types/context-types.ts';
import type { BeginEntry, EffectOutcome } from '../../../../journal/entry.ts';
import { endOfWait } from '../../../rules/due.ts';
import { errorValue } from '../../../rules/failure.ts';
import { keptEffect } from '../effect-policy.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectProtocol } from '../effect-protocol.ts';
import { MessageWait } from './message-wait.ts';

export function receiveEffect(protocol: EffectProtocol, name: string, options: ReceiveOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const kind = new ReceiveEffect(protocol, { name, options, resolve, reject });
    protocol.ask({ type: 'receive', name, request: name }, kind);
  });
}

interface ReceiveSetup {
  readonly name: string;
  readonly options: ReceiveOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class ReceiveEffect implements EffectKind {
  readonly delivery = 'message';
  readonly policy = keptEffect;
  readonly #protocol: EffectProtocol;
  readonly #setup: ReceiveSetup;
  #wait: MessageWait | undefined;
  #endLongWait: (() => void) | undefined;

  constructor(protocol: EffectProtocol, setup: ReceiveSetup) {
    this.#protocol = protocol;
    this.#setup = setup;
  }

  perform(effect: Effect): void {
    const { parts } = this.#protocol.setup;
    const { name, options } = this.#setup;
    const { time, due } = (effect.begun ?? this.#journalBegin(effect)).observed;
    // The run may leave memory until then.
    if (due !== undefined) this.#endLongWait = parts.rest.addLongWait(endOfWait(parts.clock.now(), time, due));
    this.#wait = new MessageWait(parts, effect, {
      wanted: { kind: 'signal', name },
      began: time,
      due,
      timeout: () => timeout(name, options.timeoutMs),
    });
    this.#wait.begin();
  }

  /** Says what the run waits for. A resumed one waits only for the rest of its time, so that has to be durable. */
  #journalBegin(effect: Effect): BeginEntry {
    const { timeoutMs } = this.#setup.options;
    if (timeoutMs === undefined) return effect.journalBegin();
    const { clock, journal } = this.#protocol.setup.parts;
    const begin = effect.journalBegin({ due: clock.now() + timeoutMs });
    journal.writeSoon();
    return begin;
  }

  release(): void {
    this.#wait?.release();
    this.#endLongWait?.();
  }

  resolve(outcome: EffectOutcome): void {
    if (outcome.kind === 'value') this.#setup.resolve(ownView(outcome.value));
    else this.#setup.reject(outcome.error);
  }

  reject(error: Error): void {
    this.#wait?.drop();
    this.#setup.reject(error);
  }
}

function timeout(name: string, timeoutMs: number | undefined): EffectOutcome {
  const error = new RepriseError('receive-timeout', `no signal "${name}" came in time`, {
    nextStep: 'Raise `timeoutMs` of `receive`, or catch this error in the node.',
    fields: { name, timeoutMs },
  });
  return { kind: 'error', error: errorValue(error, undefined) };
}
