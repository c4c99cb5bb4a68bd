// `context.effect`: a named call of the outside.
import { ownView } from '../../../../base/own-view.ts';
import { canonicalValue } from '../../../../base/value.ts';
import type { Value } from '../../../../base/value.ts';
import type { EffectOptions, PerformContext } from '../../../../graph/types/context-types.ts';
import type { EffectOutcome } from '../../../../journal/entry.ts';
import { redactRequest } from '../../../../journal/redact/redact.ts';
import { asThrown } from '../../../../journal/error/stacks.ts';
import { performing } from '../../../../port/performing.ts';
import { errorValue, thrownValue } from '../../../rules/failure.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectPolicy } from '../effect-policy.ts';
import { letLeave } from '../leaving.ts';
import type { EffectProtocol } from '../effect-protocol.ts';
import type { Asked } from '../effect-refs.ts';

export interface CalledEffect {
  readonly name: string;
  readonly request: unknown;
  readonly perform: Perform;
  readonly options: EffectOptions;
}

type Perform = (request: never, context: PerformContext) => unknown;

/**
 * @throws RepriseError `once-changed`, `unstorable`, `value-too-large`, and the error of a replay that holds no such
 *   effect
 */
export function callEffect(
  protocol: EffectProtocol,
  { name, request, perform, options }: CalledEffect,
  which: 'only try' | 'first try' | 'further try' = 'only try',
): Promise<unknown> {
  const given = canonicalValue(request, `the request of effect "${name}"`, protocol.setup.parts.settings);
  const asked: Asked = {
    type: 'call',
    name,
    request: redactRequest(given),
    ...(options.key === undefined ? {} : { label: options.key }),
  };
  return new Promise((resolve, reject) => {
    const isTry = which !== 'only try';
    const kind = new CallEffect(protocol, { given, perform, options, isTry, resolve, reject });
    if (which === 'first try') protocol.skipFailedTries(asked, kind);
    protocol.ask(asked, kind);
  });
}

interface CallSetup {
  readonly given: Value;
  readonly perform: Perform;
  readonly options: EffectOptions;
  readonly isTry: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class CallEffect implements EffectKind {
  readonly delivery = 'effect';
  readonly #protocol: EffectProtocol;
  readonly #setup: CallSetup;

  constructor(protocol: EffectProtocol, setup: CallSetup) {
    this.#protocol = protocol;
    this.#setup = setup;
  }

  get policy(): EffectPolicy {
    const { options, isTry } = this.#setup;
    const { once, onDoubt, repeat } = options;
    return { isOnce: once === true, onDoubt, keeps: repeat !== true, isTry };
  }

  perform(effect: Effect): void {
    letLeave(this.#protocol.setup.parts, effect, this.policy, () => this.#call(effect));
  }

  #call(effect: Effect): void {
    if (!effect.isOpen) return;
    const { given, perform } = this.#setup;
    const context = new CallContext(this.#protocol, effect);
    performing(this.#protocol.attempt, async () => perform(ownView(given) as never, context)).then(
      (value) => this.#settle(effect, this.#outcome(value, effect)),
      (thrown: unknown) =>
        this.#settle(effect, { kind: 'error', error: thrownValue(thrown, undefined, this.#protocol.setup.parts) }),
    );
  }

  #settle(effect: Effect, outcome: EffectOutcome): void {
    effect.settle(this.#protocol.setup.world.altered?.(effect.ref, outcome) ?? outcome);
  }

  #outcome(value: unknown, { ref }: Effect): EffectOutcome {
    try {
      const what = `the response of effect "${ref.name}"`;
      return { kind: 'value', value: canonicalValue(value, what, this.#protocol.setup.parts.settings) };
    } catch (unstorable) {
      return { kind: 'error', error: errorValue(unstorable, undefined) };
    }
  }

  resolve(outcome: EffectOutcome): void {
    const { resolve, reject } = this.#setup;
    if (outcome.kind === 'value') resolve(ownView(outcome.value));
    else reject(asThrown(outcome.error, this.#protocol.setup.parts.run.semantics));
  }

  reject(error: Error): void {
    this.#setup.reject(error);
  }
}

class CallContext implements PerformContext {
  readonly #protocol: EffectProtocol;
  readonly #effect: Effect;

  constructor(protocol: EffectProtocol, effect: Effect) {
    this.#protocol = protocol;
    this.#effect = effect;
  }

  get signal(): AbortSignal {
    const { open, life } = this.#protocol;
    return open.madeRaces?.signalAt(this.#effect.ref.task) ?? life.signal;
  }

  get idempotencyKey(): string {
    return this.#protocol.idempotencyKey(this.#effect.own);
  }
}
