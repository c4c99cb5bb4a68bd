// The one path of every effect of an attempt: looked up in the world, held back if need be, decided about if in doubt,
// performed by its kind, journaled, answered.
//   Owns:         the effects of one attempt: their names, and which of them are open.
//   Not its job:  how an effect is performed (call, sleep, now, ask, http), the states of one effect (effect.ts).
//   E1. Effects are told apart by what they ask for, never by when their answers come.
//   E2. What the journal does not hold is performed only after the attempt has asked again for everything it does hold.
import { digestOf } from '../../../base/digest.ts';
import { effectIdentity } from '../../../journal/effect-identity.ts';
import type { EffectRef } from '../../../journal/entry.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import { taskPath } from '../../../port/task.ts';
import type { OnceUse } from '../../run/once-ledger.ts';
import { arrive } from '../../run/run-parts.ts';
import type { AttemptLife } from '../attempt-life.ts';
import { AttemptQuestions } from './attempt-questions.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import { Effect } from './effect.ts';
import type { EffectHost, EffectKind } from './effect.ts';
import { EffectRefs } from './effect-refs.ts';
import type { Asked } from './effect-refs.ts';
import { OpenEffects } from './open-effects.ts';
import type { Open } from './open-effects.ts';

export class EffectProtocol implements EffectHost {
  readonly setup: AttemptSetup;
  readonly life: AttemptLife;
  /** The attempt whose effects these are, as the context for performing them. */
  readonly attempt: CurrentAttempt;
  readonly open: OpenEffects;
  readonly #refs = new EffectRefs();
  #questions: AttemptQuestions | undefined;
  #onceCounts: Map<string, number> | undefined;

  constructor(setup: AttemptSetup, life: AttemptLife, attempt: CurrentAttempt) {
    this.setup = setup;
    this.life = life;
    this.attempt = attempt;
    this.open = new OpenEffects(life);
  }

  get questions(): AttemptQuestions {
    this.#questions ??= new AttemptQuestions(this.setup);
    return this.#questions;
  }

  /** @throws the error of an effect that may not happen here */
  ask(asked: Asked, kind: EffectKind): Effect {
    const ref = this.#refs.add(this.#placed(asked));
    const answer = this.setup.world.answer(ref);
    if (answer.kind === 'refused') throw answer.error;
    this.setup.parts.order.quiet.stir();
    const effect = new Effect(this, kind, ref);
    this.open.add(effect);
    effect.start(answer);
    return effect;
  }

  /**
   * Gives the node the result of an earlier attempt, at the moment that the oracle chooses. Nothing of it is journaled.
   */
  giveKnown(label: string, give: () => void, reject: (reason: Error) => void): void {
    const known: Open = { isWaiting: false, isAbandonable: false, drop: reject, abandon: reject };
    this.open.add(known);
    const task = taskPath(this.attempt);
    arrive(this.setup.parts, 'effect', this.setup.key, label, () => {
      if (!this.open.has(known)) return;
      queueMicrotask(() => this.attempt.delivered(task));
      give();
      this.open.remove(known);
    });
  }

  /** An effect marked `once`, as this attempt asks for it. @throws RepriseError `once-changed` */
  once(asked: Asked): OnceUse {
    this.#onceCounts ??= new Map();
    return this.setup.parts.once.use(this.setup.key, this.#placed(asked), this.#onceCounts);
  }

  /** Names the task inside the attempt that asks. */
  #placed(asked: Asked): Asked {
    const task = taskPath(this.attempt);
    return task === undefined ? asked : { ...asked, task };
  }

  /** The same for the same effect when its attempt is entered again. For a `once` effect, the same in every attempt. */
  idempotencyKey(ref: EffectRef, once?: OnceUse): string {
    const { parts, world } = this.setup;
    const own =
      once === undefined
        ? [parts.runId, world.drawKey, effectIdentity(ref), ref.occurrence]
        : [parts.runId, once.identity];
    return digestOf(JSON.stringify(own)).slice(0, 32);
  }

  /** Calls back when nothing is open. Bodies that nobody reads any more are stopped, since they might never end. */
  whenIdle(callback: () => void): void {
    const left = this.open.abandonable;
    if (left.length > 0) {
      const { parts, key, node } = this.setup;
      const message = `${left.length} HTTP exchange(s) were not read to the end`;
      parts.notes.add({ kind: 'left-open', at: key, node: node.name, message });
      const reason = new Error('its node has returned');
      for (const effect of left) effect.abandon(reason);
    }
    this.open.whenIdle(callback);
  }
}
