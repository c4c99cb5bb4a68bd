// One effect, as the journal has it: that it began, and what became of it.
import { identityIn } from '../../../journal/step/asked-in.ts';
import type { AskedIn } from '../../../journal/step/asked-in.ts';
import type {
  BeginEntry,
  EffectObserved,
  EffectOutcome,
  EffectRef,
  NoteEntry,
  OutcomeFacts,
} from '../../../journal/entry.ts';
import { isFailedAnswer, isLost } from '../../../journal/step/verdict.ts';
import type { CurrentAttempt, Delivered } from '../../../port/attempt.ts';
import type { AnsweredBefore, Outlived } from '../../../port/world.ts';
import type { RunParts } from '../../run/run-parts.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import type { AttemptQuestions } from './attempt-questions.ts';
import { beginOf } from './effect-states.ts';
import type { EffectPolicy } from './effect-policy.ts';
import type { EffectFacts } from './effect-states.ts';
import type { AttemptDoubts } from './doubt/attempt-doubts.ts';
import type { OpenEffects } from './open-effects.ts';
import { PlacedEffect } from './placed-effect.ts';

/** What an effect needs of its attempt. */
export interface EffectHost {
  readonly setup: AttemptSetup;
  readonly life: AttemptLife;
  readonly open: OpenEffects;
  readonly questions: AttemptQuestions;
  readonly attempt: CurrentAttempt;
  readonly doubts: AttemptDoubts;
  mayHavePast(own: AskedIn): boolean;
  idempotencyKey(own: AskedIn): string;
}

const noPolicy: EffectPolicy = Object.freeze({});

export abstract class JournaledEffect extends PlacedEffect {
  readonly own: AskedIn;
  /** It waits for what other effects of its attempt wait for. */
  readonly isDecision: boolean;
  protected readonly host: EffectHost;
  protected readonly began: number;
  protected readonly policy: EffectPolicy;
  /** Set if the journal holds its outcome already. */
  protected known: AnsweredBefore | undefined;
  /** Its `begin` entry, if the journal says that it began: it may be in doubt. */
  begun: BeginEntry | undefined;
  /** The journal says that its answer has reached the node. */
  #isGivenOnRecord = false;
  /** The journal has the head of its answer, and nobody has begun to read the body. */
  #isUnreadOnRecord = false;
  #decided: EffectObserved['decided'];

  constructor(host: EffectHost, own: AskedIn, isDecision: boolean, policy: EffectPolicy = noPolicy) {
    super(host.setup.parts.order);
    this.isDecision = isDecision;
    this.host = host;
    this.policy = policy;
    this.own = own;
    this.began = this.parts.clock.now();
  }

  get ref(): EffectRef {
    return this.own.ref;
  }

  /** The task inside the attempt that asked for it. */
  get task(): string | undefined {
    return this.ref.task;
  }

  /** What the oracle is told that it is about. */
  get effect(): EffectRef {
    return this.known?.as ?? this.ref;
  }

  get outlived(): Outlived | undefined {
    return this.known?.outlived;
  }

  /** Journals that the effect begins, so that a crash leaves it in doubt, or with its due time. */
  journalBegin(observed: Omit<BeginEntry['observed'], 'time'> = {}, outcome?: EffectOutcome): BeginEntry {
    const { key, node } = this.host.setup;
    const task = { at: key, node: node.name, time: this.parts.clock.now() };
    const known = outcome === undefined ? {} : { outcome };
    const begin = {
      ...beginOf(this.ref, task, this.own.oncePlace !== undefined, { ...observed, ...this.#place }),
      ...known,
    };
    this.parts.journal.add(begin);
    const mayBeInDoubt = this.ref.type === 'call' || this.ref.type === 'http';
    if (observed.unrecorded === true) {
      this.#isGivenOnRecord = true;
      this.parts.history.given(this.own, outcome);
    } else if (mayBeInDoubt) {
      this.parts.history.began(this.own, { ...task, onDoubt: this.policy.onDoubt ?? 'retry' });
      this.begun = begin;
    }
    return begin;
  }

  /** It has come back with what does not say whether it happened, and somebody has to decide: that is no outcome. */
  protected isLost(outcome: EffectOutcome): boolean {
    return (this.policy.onDoubt ?? 'retry') !== 'retry' && isLost(this.ref, outcome, this.parts.run.semantics);
  }

  /** An effect before it that is not journaled in this attempt takes a place as well. */
  get #place(): { readonly place?: number; readonly again?: true } {
    const { oncePlace = 0, again } = this.own;
    return {
      ...(oncePlace === 0 || this.parts.run.semantics === 1 ? {} : { place: oncePlace }),
      ...(again === true ? { again } : {}),
    };
  }

  /** What its attempt does next may depend on what has reached the node of it. */
  markGiven(): void {
    if (!this.isGiven || this.#isGivenOnRecord || this.parts.run.semantics === 1) return;
    const head = this.head('unread');
    this.#isUnreadOnRecord = head !== undefined;
    const { answer } = head?.facts ?? {};
    const { places: order } = this;
    const known = head === undefined ? {} : { ...(answer === undefined ? {} : { answer }), order };
    this.journalBegin({ unrecorded: true, ...known }, head?.outcome);
  }

  /** This try may be the one that its client makes again before the body has come whole. The head says already what is known. */
  tellHead(before: AskedIn): void {
    const isTried = this.policy.isTry === true && this.isGiven && identityIn(this.own) === identityIn(before);
    const head = isTried ? this.head('any') : undefined;
    if (head !== undefined && isFailedAnswer(head.outcome)) this.parts.history.given(this.own, head.outcome);
  }

  /** The head of its answer. `unread`: while nobody has begun to read the body. */
  protected abstract head(which: 'any' | 'unread'): Delivered | undefined;

  get isUnread(): boolean {
    return this.head('unread') !== undefined;
  }

  override arrived(): void {
    super.arrived();
    if (!this.#isUnreadOnRecord) return;
    // What has been read of it is lost in a crash, so it is asked for again.
    this.#isUnreadOnRecord = false;
    this.journalBegin({ unrecorded: true });
  }

  /** Somebody has decided what became of it, or that it is performed again. */
  protected noteDecision(by: string | undefined, note: NoteEntry | undefined): void {
    if (note !== undefined) this.parts.journal.add(note);
    this.#decided = { time: this.parts.clock.now(), ...(by === undefined ? {} : { by }) };
  }

  protected journaled(outcome: EffectOutcome, began: number, facts: Omit<EffectFacts, 'began'>): void {
    this.#journal(outcome, began, facts);
    this.#remember(outcome, facts);
  }

  #journal(outcome: EffectOutcome, began: number, facts: Omit<EffectFacts, 'began'>): void {
    const { key, world } = this.host.setup;
    const { journal, clock } = this.parts;
    const order = (this.known?.keepsPlaces === true ? this.known.order : undefined) ?? this.order;
    const { oncePlace, again } = this.own;
    const times: EffectObserved = { began, ended: clock.now(), ...facts };
    const place = oncePlace === undefined && again === undefined ? times : { ...times, ...this.#place };
    const placed = order === undefined ? place : { ...place, order };
    const observed = this.#decided === undefined ? placed : { ...placed, decided: this.#decided };
    const asked = { kind: 'effect', at: key, ...(this.known?.as ?? this.ref) } as const;
    const entry =
      oncePlace === undefined ? { ...asked, outcome, observed } : { ...asked, outcome, once: true as const, observed };
    if (this.known !== undefined || world.keepBack?.(() => journal.add(entry)) !== true) journal.add(entry);
  }

  /** Further attempts of the task may depend on it. */
  #remember(outcome: EffectOutcome, facts: OutcomeFacts): void {
    const { keeps, isTry } = this.policy;
    if (this.ref.type === 'race') this.parts.history.raced(this.own.at, this.ref, outcome);
    const { mayRepeat, world } = this.host.setup;
    const isDoubtful = this.begun !== undefined;
    // Until it is in the store, a crash leaves it in doubt: its node may do other things for long before it writes again.
    if (isDoubtful && this.known === undefined) this.parts.journal.writeSoon();
    const isMarked = isDoubtful || this.own.oncePlace !== undefined || this.#decided !== undefined;
    if (!mayRepeat && !isMarked && isTry !== true) return;
    const isKept = this.ref.type !== 'http' || keeps === true || world.keepsExchanges === true;
    this.parts.history.ended(this.own, { outcome, facts, isKept });
  }

  protected get parts(): RunParts {
    return this.host.setup.parts;
  }
}
