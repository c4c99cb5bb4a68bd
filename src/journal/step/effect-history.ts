// What became of the effects of a step, over all attempts of its tasks. A further attempt keeps what succeeded, sends
// what is in doubt under its old key, and what was refused under a new one.
//   Y1. An effect is identified by its task without the numbers of attempts, and by what identifies it in its attempt. An
//       effect marked `once` is identified by its place among those of its name instead of by its request, so that a
//       further attempt that asks for something else is detected.
//   Y2. What has begun and has no outcome is in doubt, and so is a call whose outcome does not say whether it happened
//       (verdict.ts).
//   Y3. What a clean-up has taken back is asked for again, under a new key. What is in doubt stays in doubt.
//   Y4. What happened has happened, also where it no longer counts as what an attempt did.
//   Y5. What an attempt was answered with is added as often as it is answered, and counts once.
//   Y6. A try after one that does not say whether it happened is the same effect asked for again: it has the key of that
//       one, and what is in doubt of it. Such tries form a chain, and only the last that began is in doubt.
//   Y7. What earlier attempts have left may be what a new effect asks for by another name: it comes first.
import { atOnce, inPieces } from '../../base/in-pieces.ts';
import { factsOf, semanticsVersion } from '../entry.ts';
import type { BeginEntry, EffectOutcome, EffectRef, Entry, NotedDecision, NoteEntry } from '../entry.ts';
import { identityOfEffect } from '../entry-identity.ts';
import { identityIn, isFurther, likeAt, taskIn, tryBefore } from './asked-in.ts';
import type { AskedIn } from './asked-in.ts';
import { cleanedUpNote } from './stops.ts';
import { OncePlaces } from './once-places.ts';
import { attemptNumber, taskOfAttempt } from '../key.ts';
import type { AttemptKey } from '../key.ts';
import { DoubtfulEffects, mustBeAskedFor } from './past/doubtful-effects.ts';
import { decisionNote } from './past/effect-past.ts';
import type { Decided, Doubt, EffectPast, LeftBehind, OnDoubt, OpenPast, Success } from './past/effect-past.ts';
import { TakenBack } from './past/taken-back.ts';
import { doubtAbout, doubtAskedAbout, doubtLabel } from './question.ts';
import { isFailedAnswer, verdictOf } from './verdict.ts';

interface Ended extends Pick<Success, 'outcome' | 'facts'> {
  readonly isKept: boolean;
}

/** Written with a failed attempt: attempts after it ask for everything again. */
export const freshNote = 'fresh';
/** Code that was accepted with `force` has made an entry void. */
export const forcedNote = 'forced';

export class EffectHistory {
  readonly #pasts = new Map<string, OpenPast>();
  readonly #doubtful = new DoubtfulEffects();
  readonly #takenBack = new TakenBack();
  /** What has succeeded, by the identity of its entry: made when an entry becomes void. */
  #succeeded: Map<string, OpenPast> | undefined;
  /** By task: the attempts after which everything was asked for again. */
  #fresh: Map<string, number[]> | undefined;
  /** Entries of the open step that have not been looked at: most runs never look. */
  #unread: readonly Entry[];
  readonly #semantics: number;
  /** The code was accepted with `force`. */
  readonly isForced: boolean;
  #isReading = false;

  /**
   * `openStep`: what the journal holds of the step that is open, with what has become void. `isForced`: what is in
   * doubt need not be asked for again, but what happened once need be.
   */
  constructor(openStep: readonly Entry[], semantics = semanticsVersion, isForced = false) {
    this.#unread = openStep;
    this.#semantics = semantics;
    this.isForced = isForced;
  }

  began(asked: AskedIn, { node, time, onDoubt }: Pick<Doubt, 'node' | 'time' | 'onDoubt'>): void {
    const past = this.#pastOf(asked);
    past.request = asked.ref.request;
    past.wasLost ||= this.#withDoubt(asked) !== undefined;
    const alike = this.#alikeInDoubt(asked)?.doubt;
    if (alike !== undefined) past.standsFor = this.#firstOf(tryOf(alike));
    past.doubt = { at: asked.at, node, ref: asked.ref, time, onDoubt, isOld: this.#isReading };
    this.#doubtful.began(asked, past);
    this.#endDoubtsBefore(asked);
  }

  /** `isKept`: a further attempt may be answered with it. Else its outcome need not be remembered. */
  ended(asked: AskedIn, { outcome, facts, isKept }: Ended): void {
    const past = this.#pastOf(asked);
    past.request = asked.ref.request;
    const verdict = verdictOf(asked.ref, outcome, this.#semantics);
    const isKnown = verdict === 'succeeded' || verdict === 'refused';
    if (isKnown || (verdict === 'unclear' && !past.wasLost)) past.doubt = undefined;
    past.wasLost = !isKnown && (past.wasLost || verdict === 'in doubt');
    past.unclearIn = verdict === 'unclear' || verdict === 'in doubt' ? asked.at : undefined;
    this.#endDoubtsBefore(asked);
    const isOld = this.#isReading;
    if (verdict === 'succeeded' && isKept) {
      const undoneBefore = this.#takenBack.countOf(asked);
      this.#succeed(past, { at: asked.at, ref: asked.ref, outcome, facts, undoneBefore, isOld });
    } else if (verdict === 'refused') past.refusedIn.add(asked.at);
  }

  #succeed(past: OpenPast, success: Success): void {
    if (past.success !== undefined) this.#succeeded?.delete(successIdentity(past.success));
    past.success = success;
    this.#succeeded?.set(successIdentity(success), past);
  }

  /**
   * Its answer has reached the node, so it is known to have happened, and with it what was lost before: unless `head`, that of
   * the answer if it is known, says nothing of that.
   */
  given(asked: AskedIn, head: EffectOutcome | undefined): void {
    if (head !== undefined) this.ended(asked, { outcome: head, facts: undefined, isKept: false });
    if (head !== undefined && isFailedAnswer(head)) return;
    const past = this.#pasts.get(identityIn(asked));
    if (past === undefined) return;
    past.doubt = undefined;
    past.wasLost = false;
    if (head !== undefined) past.unclearIn = undefined;
  }

  /** What is known of an effect. */
  of(asked: AskedIn): EffectPast | undefined {
    this.#read();
    const past = this.#pasts.get(identityIn(asked));
    if (past?.success !== undefined && past.success.undoneBefore < this.#takenBack.countOf(asked)) {
      past.success = undefined;
      past.isTakenBack = true;
    }
    return past;
  }

  /** A clean-up has taken back what it had got, and it has not succeeded since. */
  isTakenBack(asked: AskedIn): boolean {
    return this.of(asked)?.success === undefined && this.#pasts.get(identityIn(asked))?.isTakenBack === true;
  }

  /** What is in doubt where an effect is asked for: of itself, or of the tries before it. */
  doubtOf(asked: AskedIn): Doubt | undefined {
    return this.#withDoubt(asked)?.doubt;
  }

  #withDoubt(asked: AskedIn): OpenPast | undefined {
    this.#read();
    return this.#chainOf(asked).find(({ doubt }) => doubt !== undefined) ?? this.#alikeInDoubt(asked);
  }

  /**
   * A client that tries again by itself asks for the same several times, and a further attempt of its node begins with the first
   * of them: what is in doubt of any is in doubt of that.
   */
  #alikeInDoubt(asked: AskedIn): OpenPast | undefined {
    return asked.ref.type === 'http' && isFurther(asked.at) ? this.#doubtful.alike(asked) : undefined;
  }

  /** An attempt asks for an effect, whether or not it is performed then. */
  askedFor(asked: AskedIn): void {
    this.#read();
    for (const past of this.#chainOf(asked)) past.askedIn = asked.at;
    const alike = this.#alikeInDoubt(asked);
    if (alike !== undefined) alike.askedIn = asked.at;
  }

  /**
   * Where an effect is new that must not happen twice: what an earlier attempt of its task has left that may be the same
   * by another name or with another request, and that this attempt has not asked for.
   */
  leftBehind(asked: AskedIn): LeftBehind | undefined {
    this.#read();
    if (this.#pasts.has(identityIn(asked))) return undefined;
    for (const past of this.#pasts.values()) {
      const left = past.askedIn === asked.at ? undefined : this.#leftIn(past);
      if (left === undefined || (left.at === asked.at && !this.isForced)) continue;
      if (left.at !== past.lostIn && taskIn(left.at) === taskIn(asked.at)) return left;
    }
    return undefined;
  }

  #leftIn({ doubt, success, isOnce }: OpenPast): LeftBehind | undefined {
    if (doubt !== undefined && !this.isForced && mustBeAskedFor(doubt)) return { ...doubt, isDone: false };
    const counts = isOnce && success?.isOld === true;
    return counts && success.undoneBefore >= this.#takenBack.countOf(success)
      ? { ...success, isDone: true }
      : undefined;
  }

  /** What stays in doubt, and is not performed again by itself, where an attempt of its task or around it ends like this. */
  leftAtEnd(at: AttemptKey, how: 'done' | 'failed' | 'timed out'): Doubt | undefined {
    this.#read();
    return this.isForced ? undefined : this.#doubtful.leftAtEnd(at, how);
  }

  /** A race of an attempt was decided. */
  raced(at: AttemptKey, ref: EffectRef, outcome: EffectOutcome): void {
    this.#read();
    this.#doubtful.raced({ ...ref, at, outcome });
  }

  /** An effect in doubt is asked for by code with this policy. */
  askedInDoubt(asked: AskedIn, onDoubt: OnDoubt): void {
    const past = this.#withDoubt(asked);
    if (past?.doubt === undefined) return;
    past.doubt.onDoubt = onDoubt;
    past.wasLost = true;
  }

  /** The try whose idempotency key this one has: the first of those that do not say whether the effect happened. */
  firstTry(asked: AskedIn): AskedIn {
    this.#read();
    const alike = this.#alikeInDoubt(asked)?.doubt;
    const known = this.#pasts.get(identityIn(asked))?.standsFor;
    return known ?? this.#firstOf(alike === undefined ? asked : tryOf(alike));
  }

  #firstOf(asked: AskedIn): AskedIn {
    let first = asked;
    for (let before = tryBefore(asked); before !== undefined && this.#isUnclear(before); before = tryBefore(before))
      first = before;
    return first;
  }

  #isUnclear(asked: AskedIn): boolean {
    return this.#pasts.get(identityIn(asked))?.unclearIn !== undefined;
  }

  /** What is known of an effect and of the tries before it, the last one first. */
  #chainOf(asked: AskedIn): readonly OpenPast[] {
    const own = this.#pasts.get(identityIn(asked));
    const chain = own === undefined ? [] : [own];
    for (let before = tryBefore(asked); before !== undefined && this.#isUnclear(before); before = tryBefore(before))
      chain.push(this.#pasts.get(identityIn(before)) as OpenPast);
    return chain;
  }

  #endDoubtsBefore(asked: AskedIn): void {
    const alike = this.#alikeInDoubt(asked);
    if (alike !== undefined) alike.doubt = undefined;
    if (asked.again !== true) return;
    const own = this.#pasts.get(identityIn(asked));
    for (const past of this.#chainOf(asked)) if (past !== own) past.doubt = undefined;
  }

  /** An entry has become void. */
  voided(note: NoteEntry): void {
    this.#read();
    this.#void(note);
  }

  #void({ what, voids = '' }: NoteEntry): void {
    this.#succeeded ??= new Map(
      [...this.#pasts.values()].flatMap((past) =>
        past.success === undefined ? [] : [[successIdentity(past.success), past] as const],
      ),
    );
    const past = this.#succeeded.get(voids);
    if (past?.success === undefined) return;
    if (what === forcedNote) past.success.isVoid = true;
    else past.success = undefined;
  }

  /** A function has cleaned up, and taken back what its task had got from the effects with these names. */
  cleanedUp(at: AttemptKey, undoes: readonly string[]): void {
    this.#read();
    this.#takenBack.add(at, undoes);
  }

  /** How often it was taken back what an effect had got. Of one that cleans up: how often its function has run before. */
  undoneCount(asked: AskedIn): number {
    this.#read();
    return this.#takenBack.countOf(asked);
  }

  /**
   * The success of an earlier attempt of the same task, if it still counts. Those of an inner run that was voided do not:
   * only what is marked `once` outlives it.
   */
  kept(asked: AskedIn): Success | undefined {
    const success = this.of(asked)?.success;
    if (success === undefined || success.at === asked.at) return undefined;
    if (asked.oncePlace !== undefined) return success;
    const task = taskOfAttempt(asked.at);
    if (taskOfAttempt(success.at) !== task) return undefined;
    const own = attemptNumber(asked.at);
    const earlier = attemptNumber(success.at);
    const isAskedAgain = this.#fresh?.get(task)?.some((after) => earlier <= after && after < own) === true;
    return isAskedAgain ? undefined : success;
  }

  /** What was decided about an effect in doubt. It counts once, so the note that is returned is to be written. */
  followDecision(asked: AskedIn, time: number): (Decided & { readonly note: NoteEntry }) | undefined {
    const doubt = this.doubtOf(asked);
    const { decision } = doubt ?? {};
    if (doubt === undefined || decision === undefined) return undefined;
    doubt.decision = undefined;
    return { ...decision, note: decisionNote(doubt, undefined, time) };
  }

  /** How many tries of an effect failed in earlier attempts: they are effects that are alike. `first`: the first of them. */
  failedTries(first: AskedIn): number {
    for (let count = 0; ; count += 1) {
      const past = this.of(likeAt(first, count));
      const failedIn = [...(past?.refusedIn ?? []), ...(past?.unclearIn === undefined ? [] : [past.unclearIn])];
      if (!failedIn.some((attempt) => attempt !== first.at)) return count;
    }
  }

  /** What nobody knows about, in the order in which it began. */
  get doubts(): readonly (Doubt & { readonly identity: string })[] {
    this.#read();
    return [...this.#pasts.values()].flatMap(({ doubt, identity }) =>
      doubt === undefined ? [] : [{ ...doubt, identity }],
    );
  }

  /** After the attempt `at` of a task, everything is asked for again. */
  askAgainAfter(at: AttemptKey): void {
    this.#fresh ??= new Map();
    const task = taskOfAttempt(at);
    this.#fresh.set(task, [...(this.#fresh.get(task) ?? []), attemptNumber(at)]);
  }

  /** The step is committed: none of its tasks gets a further attempt. */
  clear(): void {
    this.#unread = [];
    this.#fresh = undefined;
    this.#succeeded = undefined;
    this.#takenBack.clear();
    if (this.#pasts.size === 0) return;
    this.#pasts.clear();
    this.#doubtful.clear();
  }

  /** Reads what the journal holds, in pieces. Without this it is read at once when something is first asked for. */
  *reading(): Generator<undefined, void> {
    const entries = this.#unread;
    this.#unread = [];
    const places = new OncePlaces(this);
    yield* inPieces(entries, (entry) => {
      this.#isReading = true;
      this.#add(entry, places);
      this.#isReading = false;
    });
  }

  #read(): void {
    if (this.#unread.length > 0) atOnce(this.reading());
  }

  #add(entry: Entry, places: OncePlaces): void {
    if (entry.kind === 'note' && entry.what === cleanedUpNote)
      this.#takenBack.add(entry.at as AttemptKey, entry.undoes ?? []);
    if (entry.kind === 'note' && entry.voids !== undefined) this.#void(entry);
    if (entry.kind === 'note' && entry.observed.decides !== undefined) this.#decide(entry.observed.decides);
    if (entry.kind === 'begin' && entry.label === doubtLabel) this.#askedAbout(entry);
    if (entry.kind === 'note' && entry.what === freshNote) this.askAgainAfter(entry.at as AttemptKey);
    if (entry.kind !== 'begin' && entry.kind !== 'effect') return;
    const asked = {
      at: entry.at,
      ref: entry,
      oncePlace: entry.once === true ? places.placeOf(entry) : undefined,
      again: entry.observed.again,
    };
    const before = tryBefore(asked);
    // Only the head of its answer had come then, and a part of the body: the journal has none of that yet.
    if (before !== undefined) this.#pastOf(before).unclearIn ??= asked.at;
    if (entry.kind === 'effect' && entry.type === 'race') this.#doubtful.raced(entry);
    if (entry.kind === 'effect') this.ended(asked, { outcome: entry.outcome, facts: factsOf(entry), isKept: true });
    else if (entry.observed.unrecorded === true) this.given(asked, entry.outcome);
    else if (mayBeInDoubt(entry)) this.began(asked, { node: entry.node, time: entry.observed.time });
  }

  /** A question about an effect in doubt, which may be performed again. */
  #askedAbout(begin: BeginEntry): void {
    const about = doubtAskedAbout(begin);
    for (const { past, doubt } of this.#doubtful.all())
      if (taskIn(doubt.at) === taskIn(begin.at) && doubtAbout(begin.at, doubt.ref) === about) past.wasLost = true;
  }

  #decide({ begin, decided, by }: NotedDecision): void {
    for (const { past, doubt } of this.#doubtful.all()) {
      if (identityOfEffect('begin', doubt.at, doubt.ref) !== begin) continue;
      past.wasLost = true;
      doubt.decision = decided === undefined ? undefined : { decided, ...(by === undefined ? {} : { by }) };
    }
  }

  #pastOf(asked: AskedIn): OpenPast {
    this.#read();
    const identity = identityIn(asked);
    let past = this.#pasts.get(identity);
    if (past === undefined) {
      past = {
        identity,
        isOnce: asked.oncePlace !== undefined,
        askedIn: undefined,
        request: asked.ref.request,
        success: undefined,
        refusedIn: new Set(),
        unclearIn: undefined,
        doubt: undefined,
        standsFor: undefined,
        wasLost: false,
        lostIn: undefined,
      };
      this.#pasts.set(identity, past);
    }
    return past;
  }
}

/** Whether an attempt may have to ask for something that was left before. */
export function mayBeLeft(at: AttemptKey, { isForced }: EffectHistory): boolean {
  return isForced || isFurther(at);
}

function successIdentity({ at, ref }: Success): string {
  return identityOfEffect('effect', at, ref);
}

/** What is in doubt, as one of several tries. */
function tryOf({ at, ref }: Doubt): AskedIn {
  return { at, ref, again: true };
}

/** Nobody knows of a call or an exchange that began whether it happened. What waits simply waits on. */
function mayBeInDoubt({ type }: BeginEntry): boolean {
  return type === 'call' || type === 'http';
}
