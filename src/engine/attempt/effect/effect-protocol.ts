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
  readonly refs = new EffectRefs();
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
    const ref = this.refs.add(placed(this.attempt, asked));
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
    const known: Open = { isWaiting: false, mayOutlive: false, drop: reject, leave: reject };
    this.open.add(known);
    const task = taskPath(this.attempt);
    arrive(this.setup.parts, 'effect', this.setup.key, label, () => {
      if (!this.open.has(known)) return;
      queueMicrotask(() => this.attempt.ambient.delivered(task));
      give();
      this.open.remove(known);
    });
  }

  /** An effect marked `once`, as this attempt asks for it. @throws RepriseError `once-changed` */
  once(asked: Asked): OnceUse {
    this.#onceCounts ??= new Map();
    return this.setup.parts.once.use(this.setup.key, placed(this.attempt, asked), this.#onceCounts);
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

  /** The attempt ends: exchanges that are still open continue in the pool of the run, for those who share them. */
  leaveOpen(): void {
    const { length } = this.open.outliving;
    if (length === 0) return;
    const { parts, key, node } = this.setup;
    const message = `${length} HTTP exchange(s) were still open when the node had returned`;
    parts.notes.add({ kind: 'left-open', at: key, node: node.name, message });
    const reason = new Error('its node has returned');
    for (const effect of this.open.outliving) effect.leave(reason);
    // Those whose requests were still being written are open by their names now.
    for (const effect of this.open.outliving) effect.leave(reason);
  }
}

/** Names the task inside the attempt that asks. */
export function placed(attempt: CurrentAttempt, asked: Asked): Asked {
  const task = taskPath(attempt);
  return task === undefined ? asked : { ...asked, task };
}
