// The one path of every effect of an attempt: looked up in the world, held back if need be, decided about if in doubt,
// performed by its kind, journaled, answered.
//   Owns:         the effects of one attempt: their names, and which of them are open.
//   Not its job:  how an effect is performed (call, sleep, now, ask, http), the states of one effect (effect.ts).
//   E1. Effects are told apart by what they ask for, never by when their answers come.
//   E2. What the journal does not hold is performed only after the attempt has asked again for everything it does hold.
import { sameValue } from '../../../base/equal.ts';
import type { Value } from '../../../base/value.ts';
import { isFurther, tryBefore } from '../../../journal/step/asked-in.ts';
import { takePlace } from '../../../journal/step/once-places.ts';
import type { AskedIn } from '../../../journal/step/asked-in.ts';
import { idempotencyKeyOf } from '../../../journal/run/idempotency-key.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import { taskPath } from '../../../port/task.ts';
import type { Answer, AnsweredBefore } from '../../../port/world.ts';
import type { AttemptLife } from '../attempt-life.ts';
import { AttemptQuestions } from './attempt-questions.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import { Effect } from './effect.ts';
import type { EffectKind } from './effect.ts';
import type { EffectHost } from './journaled-effect.ts';
import { EffectRefs } from './effect-refs.ts';
import type { Asked, LaterRef } from './effect-refs.ts';
import { onceChanged } from './doubt/once-changed.ts';
import { AttemptDoubts } from './doubt/attempt-doubts.ts';
import { OpenEffects } from './open-effects.ts';
import type { Open } from './open-effects.ts';

/** What an effect in doubt ends. */
export interface Failing {
  /** The attempt ends with this error, and its code never learns of it. */
  fail(error: Value): void;
}

export interface ProtocolSetup {
  readonly setup: AttemptSetup;
  readonly life: AttemptLife;
  readonly attempt: CurrentAttempt;
  readonly failing: Failing;
}

export class EffectProtocol implements EffectHost {
  readonly setup: AttemptSetup;
  readonly life: AttemptLife;
  /** The attempt whose effects these are, as the context for performing them. */
  readonly attempt: CurrentAttempt;
  readonly #failing: Failing;
  readonly open: OpenEffects;
  readonly refs = new EffectRefs();
  #questions: AttemptQuestions | undefined;
  #doubts: AttemptDoubts | undefined;
  #onceCounts: Map<string, number> | undefined;
  #madeIsFurther: boolean | undefined;

  constructor({ setup, life, attempt, failing }: ProtocolSetup) {
    this.#failing = failing;
    this.setup = setup;
    this.life = life;
    this.attempt = attempt;
    this.open = new OpenEffects(life, setup.parts.order);
  }

  get questions(): AttemptQuestions {
    this.#questions ??= new AttemptQuestions(this.setup);
    return this.#questions;
  }

  get doubts(): AttemptDoubts {
    this.#doubts ??= new AttemptDoubts(this.setup, (error) => this.#failing.fail(error));
    return this.#doubts;
  }

  /**
   * A function that says what is asked for is called when that is first needed, and at the latest before anything else is
   * asked for: at once, unless nothing can be known of the effect and it leaves before anybody has to know what it is.
   *
   * @throws the error of an effect that may not happen here, and RepriseError `once-changed`
   */
  ask(given: Asked | (() => Asked), kind: EffectKind): Effect {
    if (typeof given === 'function' && this.#leavesUnnamed(kind))
      return this.#begin(this.#later(given), kind, performAll);
    const asked = typeof given === 'function' ? given() : given;
    const own = this.#placed(placed(this.attempt, asked), kind);
    const kept = this.#kept(own, kind);
    const answer = this.#atOnce(own, this.#openAgain(own, this.setup.world.answer(own.ref, kept)));
    if (answer.kind === 'refused') throw answer.error;
    return this.#begin(own, kind, answer);
  }

  get #isFurther(): boolean {
    this.#madeIsFurther ??= isFurther(this.setup.key);
    return this.#madeIsFurther;
  }

  /** Whether something may have been left that this one has to ask for. */
  get #mayBeLeft(): boolean {
    return this.#isFurther || this.setup.parts.history.isForced;
  }

  #leavesUnnamed({ policy: { onDoubt = 'retry', keeps, isTry } = {} }: EffectKind): boolean {
    const { world, key } = this.setup;
    const isKnownByItself = onDoubt === 'retry' && keeps !== true && isTry !== true;
    return world.performsAll === true && isKnownByItself && !isFurther(key);
  }

  #later(find: () => Asked): AskedIn {
    const task = taskPath(this.attempt);
    return new UnnamedEffect(this.setup.key, this.refs.later(task === undefined ? find : () => ({ ...find(), task })));
  }

  #begin(own: AskedIn, kind: EffectKind, answer: Exclude<Answer, { readonly kind: 'refused' }>): Effect {
    this.setup.parts.order.quiet.stir();
    if (answer.kind === 'perform') this.open.markGiven();
    const effect = new Effect(this, kind, own);
    this.open.add(effect);
    const isLooked = this.#mayBeLeft;
    if (isLooked) this.setup.parts.history.askedFor(own);
    effect.start(answer);
    if (isLooked) this.doubts.asked(effect);
    return effect;
  }

  /** That nobody won a race followed from what its branches got. It follows again, unless the code is another. */
  #openAgain({ ref }: AskedIn, answer: Answer): Answer {
    if (ref.type !== 'race' || answer.kind !== 'answered' || answer.outcome.kind === 'value') return answer;
    const { followed } = this.setup.parts.order;
    followed.happened(answer.order?.asked);
    followed.happened(answer.order?.given);
    return { kind: 'perform' };
  }

  /**
   * What an attempt kept of an earlier one is not in its own part of the journal. If its clean-up took that back, it has to ask
   * for it again before what it did with it.
   */
  #atOnce(own: AskedIn, answer: Answer): Answer {
    if (answer.kind !== 'perform' || answer.hold === undefined || !this.#isFurther) return answer;
    if (!this.setup.parts.history.isTakenBack(own)) return answer;
    const { hold: _hold, ...free } = answer;
    return free;
  }

  /** The tries of an effect that failed in earlier attempts take their places among its like. */
  skipFailedTries(asked: Asked, kind: EffectKind): void {
    const { parts, key: at } = this.setup;
    if (parts.run.semantics === 1 || !isFurther(at)) return;
    const isOnce = kind.policy?.isOnce === true;
    const tried = { ...placed(this.attempt, asked), occurrence: 0 };
    const first = { at, ref: tried, ...(isOnce ? { oncePlace: 0 } : {}) };
    for (let count = parts.history.failedTries(first); count > 0; count -= 1) this.#firstPlaced(tried, kind);
  }

  /** Whether anything may be known of an effect from before this attempt. */
  mayHavePast({ oncePlace, again }: AskedIn): boolean {
    return this.#isFurther || oncePlace !== undefined || again === true;
  }

  #placed(asked: Asked, kind: EffectKind): AskedIn {
    const own = this.#firstPlaced(asked, kind);
    if (kind.policy?.isTry !== true || own.ref.occurrence === 0) return own;
    const again = { ...own, again: true };
    const before = tryBefore(again);
    if (before !== undefined) for (const effect of this.open.outliving) effect.tellHead?.(before);
    return this.setup.parts.history.firstTry(again) === again ? own : again;
  }

  #firstPlaced(asked: Asked, kind: EffectKind): AskedIn {
    const { key: at, parts } = this.setup;
    if (kind.policy?.isOnce !== true) return { at, ref: this.refs.add(asked) };
    this.#onceCounts ??= new Map();
    const oncePlace = takePlace(this.#onceCounts, at, asked);
    // Version 1 did not count one that was kept among its like.
    const unplaced = { at, ref: { ...asked, occurrence: 0 }, oncePlace };
    const isUncounted = parts.run.semantics === 1 && parts.history.kept(unplaced) !== undefined;
    return isUncounted ? unplaced : { at, ref: this.refs.add(asked), oncePlace };
  }

  /** What an earlier attempt of the task got. It is not journaled again. */
  #kept(own: AskedIn, kind: EffectKind): AnsweredBefore | undefined {
    if (!this.mayHavePast(own)) return undefined;
    const { parts, world } = this.setup;
    if (own.oncePlace !== undefined) this.#checkUnchanged(own);
    else if (parts.run.semantics === 1) return undefined;
    else if (kind.policy?.keeps !== true && (own.ref.type !== 'http' || world.keepsExchanges !== true))
      return undefined;
    const success = parts.history.kept(own);
    if (success === undefined) return undefined;
    const { outcome, facts, isVoid } = success;
    const more = { ...(facts === undefined ? {} : { facts }), ...(isVoid === true ? { isVoid } : {}) };
    return { kind: 'answered', outcome, ...more, isKept: true };
  }

  /** @throws RepriseError `once-changed` */
  #checkUnchanged(own: AskedIn): void {
    const { history } = this.setup.parts;
    const success = history.of(own)?.success;
    const known = success ?? history.doubtOf(own);
    if (known === undefined || sameValue(known.ref.request, own.ref.request)) return;
    throw onceChanged(own, known.ref.request, success === undefined ? 'may have happened' : 'happened once already');
  }

  idempotencyKey(own: AskedIn): string {
    const { parts, world } = this.setup;
    const { runId, history } = parts;
    const { semantics } = parts.run;
    const effect = { history, mayHavePast: this.mayHavePast(own), drawKey: world.drawKey };
    return idempotencyKeyOf({ runId, semantics }, own, effect);
  }

  /** The attempt ends: exchanges that are still open continue in the pool of the run, for those who share them. */
  leaveOpen(): void {
    this.#leaveExchanges();
    this.open.behind.end();
  }

  #leaveExchanges(): void {
    const { outliving } = this.open;
    if (outliving.length === 0) return;
    const { parts, key, node } = this.setup;
    parts.notes.add({ kind: 'left-open', at: key, node: node.name, message: leftOpenText(outliving) });
    const reason = new Error('its node has returned');
    for (const effect of this.open.outliving) effect.leave(reason);
    // Those whose requests were still being written are open by their names now.
    for (const effect of this.open.outliving) effect.leave(reason);
  }
}

const performAll = Object.freeze({ kind: 'perform' } as const);

class UnnamedEffect implements AskedIn {
  readonly at: AskedIn['at'];
  readonly #later: LaterRef;
  constructor(at: AskedIn['at'], later: LaterRef) {
    this.at = at;
    this.#later = later;
  }
  get ref(): AskedIn['ref'] {
    return this.#later.ref;
  }
}

/** A client does not tell whether it will read on. */
function leftOpenText(exchanges: readonly Open[]): string {
  const [first = '', ...others] = exchanges.map(({ ref }) => {
    const { method, origin, path } = (ref?.request ?? {}) as { readonly [name: string]: Value };
    return `${String(method)} ${String(origin)}${String(path)}`;
  });
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first}${more} still open when the node had returned: read the body to its end, or cancel it`;
}

/** Names the task inside the attempt that asks. */
export function placed(attempt: CurrentAttempt, asked: Asked): Asked {
  const task = taskPath(attempt);
  return task === undefined ? asked : { ...asked, task };
}
