// How an HTTP exchange begins: with a request that is known, after its attempt has ended, or while it is being written.
import type { Value } from '../../../../base/value.ts';
import type { EffectOutcome, OutcomeFacts } from '../../../../journal/entry.ts';
import type {
  BegunExchange,
  BodyPace,
  ExchangeRequest,
  IdentifyRequest,
  OpenExchange,
  SendingExchange,
} from '../../../../port/attempt.ts';
import { taskPath } from '../../../../port/task.ts';
import type { Answer } from '../../../../port/world.ts';
import type { PooledExchange } from '../../../run/exchange-pool.ts';
import { bodyPace, controlledPace } from './body-pace.ts';
import type { Effect } from '../effect.ts';
import { placed } from '../effect-protocol.ts';
import { restBehind } from '../left-behind.ts';
import type { EffectProtocol } from '../effect-protocol.ts';
import type { Asked } from '../effect-refs.ts';
import { HttpEffect, canonicalOutcome, givenAnswer, readyToSend } from './http-effect.ts';
import type { Open } from '../open-effects.ts';

export function openExchange(protocol: EffectProtocol, request: ExchangeRequest, identity: () => Value): OpenExchange {
  const kind = new HttpEffect(protocol, request);
  const asked = (): Asked => ({ type: 'http', name: 'http', request: identity() });
  let effect: Effect;
  try {
    effect = protocol.ask(asked, kind);
  } catch (refused) {
    return refusedExchange(refused as Error);
  }
  const { world } = protocol.setup;
  if (world.leavesUnread !== undefined)
    protocol.open.behind.atEnd(() => {
      if (effect.isOpen) return;
      if (request.isUnread()) world.leavesUnread?.(effect.effect, 'open');
      else if (request.isStoppedUnread()) world.leavesUnread?.(effect.effect, 'stopped');
    });
  return new AskedExchange(protocol, kind, effect);
}

class AskedExchange implements OpenExchange {
  readonly answer: Answer;
  readonly ready: OpenExchange['ready'];
  readonly known: OpenExchange['known'];
  readonly #protocol: EffectProtocol;
  readonly #kind: HttpEffect;
  readonly #effect: Effect;

  constructor(protocol: EffectProtocol, kind: HttpEffect, effect: Effect) {
    const { answer, ready, known } = kind.opened();
    this.answer = answer;
    this.ready = ready;
    this.known = known;
    this.#protocol = protocol;
    this.#kind = kind;
    this.#effect = effect;
  }

  get idempotencyKey(): string {
    return this.#protocol.idempotencyKey(this.#effect.own);
  }

  /** Under an order that is tried, a recording answers. */
  get isSimulated(): boolean {
    const { parts, world } = this.#protocol.setup;
    return parts.oracle.isControlled === true && world.asksFirst === true;
  }

  /** One that was held back learns of its places later. */
  get pace(): BodyPace {
    const { setup, life, open } = this.#protocol;
    const { parts, world } = setup;
    const effect = this.#effect;
    const readPast = (): Error | undefined => (life.isOpen ? world.readPast?.(effect.ref) : undefined);
    const waitsPast = (): void => world.waitsPast?.(effect.ref);
    const pace =
      parts.oracle.isControlled === true
        ? controlledPace(parts, effect, { readPast, waitsPast })
        : untilOver(effect, this.#protocol, toldOf(bodyPace(parts.order, effect.recordedOrder, readPast), waitsPast));
    return open.madeRaces?.untilLost(effect.task, pace) ?? pace;
  }

  /** What it asks for is found out now, if nobody has needed it yet. */
  name(): void {
    if (this.#effect.isOpen) void this.#effect.ref;
  }

  /** The order of a step says nothing of what comes after its attempts. */
  arrived(): void {
    if (this.#effect.isOpen) this.#effect.arrived();
  }

  compare(identify: IdentifyRequest): void {
    this.#kind.compare?.(identify(this.#protocol.setup.parts.run));
  }

  settle(outcome: EffectOutcome, facts: OutcomeFacts): void {
    this.#kind.settle(this.#effect, canonicalOutcome(outcome), facts);
  }

  forget(): void {
    this.#kind.forget(this.#effect);
  }
}

/** `waitsPast`: its client waits for more than was recorded. */
function toldOf({ next, past, leave }: BodyPace, waitsPast: () => void): BodyPace {
  return {
    next,
    past(fail) {
      waitsPast();
      past(fail);
    },
    leave,
  };
}

/** Of a body that outlived its attempt, no more than had come by then comes before the attempt is over. */
function untilOver({ outlived }: Effect, protocol: EffectProtocol, pace: BodyPace): BodyPace {
  return outlived?.hasHead === true ? restBehind(pace, outlived, protocol.open.behind) : pace;
}

/** An exchange that begins after its attempt has ended. */
export function openLate(protocol: EffectProtocol, request: ExchangeRequest, identity: Value): OpenExchange {
  const { parts, key, node, world } = protocol.setup;
  const asked = placed(protocol.attempt, { type: 'http', name: 'http', request: identity });
  const ref = protocol.refs.add(asked);
  if (parts.pool.isFirstLate(key))
    parts.notes.add({ kind: 'late-request', at: key, node: node.name, message: lateText });
  const answer = world.answerLate?.(ref) ?? { kind: 'perform' };
  if (answer.kind === 'refused') return refusedExchange(answer.error);
  const pooled: PooledExchange = { at: key, ref, began: parts.clock.now(), request };
  if (answer.kind === 'perform') parts.pool.add(pooled);
  return new LateExchange(protocol, pooled, answer.kind === 'answered' ? givenAnswer(answer.given ?? answer) : answer);
}

const lateText =
  'a request began after the node had returned: it is recorded, and not compared. If a queue that tasks share made it for ' +
  'another task, bind each job to its own: `AsyncResource.bind(job)`';

class LateExchange implements OpenExchange {
  readonly answer: Answer;
  readonly ready: OpenExchange['ready'];
  readonly pace: BodyPace;
  readonly #protocol: EffectProtocol;
  readonly #pooled: PooledExchange;

  constructor(protocol: EffectProtocol, pooled: PooledExchange, answer: Answer) {
    const { parts } = protocol.setup;
    this.answer = answer;
    this.ready = answer.kind === 'perform' ? readyToSend(parts) : undefined;
    this.pace = bodyPace(parts.order, undefined, () => undefined);
    this.#protocol = protocol;
    this.#pooled = pooled;
  }

  get idempotencyKey(): string {
    return this.#protocol.idempotencyKey(this.#pooled);
  }

  arrived(): void {
    // The order of a step says nothing of it.
  }

  settle(outcome: EffectOutcome, facts: OutcomeFacts): void {
    this.#protocol.setup.parts.pool.settle(this.#pooled, canonicalOutcome(outcome), facts);
    this.#over();
  }

  forget(): void {
    this.#protocol.setup.parts.pool.forget(this.#pooled);
    this.#over();
  }

  #over(): void {
    if (this.answer.kind === 'perform') this.answer.over?.();
  }
}

/** An exchange whose request is still being written. It belongs to its attempt like one that is open. */
export function beginExchange({ open, setup, attempt }: EffectProtocol, sending: SendingExchange): BegunExchange {
  const unnamed: Open = {
    isWaiting: false,
    mayOutlive: true,
    task: taskPath(attempt),
    drop: () => sending.abandon(),
    leave: () => sending.name(),
    cut: () => sending.abandon(),
    fail: () => sending.name(),
  };
  open.markGiven();
  open.add(unnamed);
  return {
    ready: readyToSend(setup.parts),
    named: () => open.remove(unnamed),
  };
}

export function beginLate({ setup: { parts } }: EffectProtocol, sending: SendingExchange): BegunExchange {
  return {
    ready: readyToSend(parts),
    named: parts.pool.begin(sending),
  };
}

function refusedExchange(error: Error): OpenExchange {
  return {
    answer: { kind: 'refused', error },
    ready: undefined,
    settle: ignore,
    arrived: ignore,
    forget: ignore,
    idempotencyKey: '',
  };
}

const ignore = (): void => undefined;
