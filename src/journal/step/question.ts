// Questions to people that a run waits for, read from its journal.
//   Q1. A key says which question of a task it is, and stays when a later version of the code asks something else there.
//   Q2. An id says what was asked as well: an answer is bound to it, and counts for nothing else.
//   Q3. A question about an effect in doubt is over once the effect is performed again. What comes to be in doubt then is
//       asked about under another key.
import type { Value } from '../../base/value.ts';
import { effectIdentity, requestDigest } from '../effect-identity.ts';
import { effectTypes } from '../entry.ts';
import type { BeginEntry, EffectEntry, EffectRef, EffectType, Entry } from '../entry.ts';
import { taskOfAttempt } from '../key.ts';
import type { AttemptKey } from '../key.ts';
import { isOfLoser, racesIn } from './race.ts';
import { withoutVoid } from '../run/void-entries.ts';

/** A question that a run waits to have answered. */
export interface Question {
  /** What is asked. */
  readonly question: Value;
  /** The key and a digest of what is asked, such as `2.0:approve~1f3c9ab`. */
  readonly id: string;
  /** The task that asks, the name of the question, and a number if the task asks more than one of that name. */
  readonly key: string;
  readonly node: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  /** When it expires, in milliseconds since 1970. */
  readonly dueAt?: number;
}

/** `ordinal`: among the questions of this name in the attempt and its task, in the order of asking. */
export function questionKey(at: AttemptKey, name: string, ordinal: number, task?: string): string {
  const place = task === undefined ? taskOfAttempt(at) : `${taskOfAttempt(at)}>${task}`;
  return `${place}:${name}${ordinal === 0 ? '' : `:${ordinal}`}`;
}

const digestLength = 7;

export function questionId(key: string, question: Value): string {
  return `${key}~${requestDigest(question).slice(0, digestLength)}`;
}

/** The key in what may be an id. */
export function keyOfId(id: string): string | undefined {
  return /^(.+)~[0-9a-f]{7}$/s.exec(id)?.[1];
}

/** Marks a question that Reprise itself asks: what to do about an effect that may or may not have happened. */
export const doubtLabel = 'in-doubt';

/** A question as the journal has it. */
export interface JournaledQuestion {
  readonly key: string;
  readonly begin: BeginEntry;
  /** How it ended: with an answer, or with the error that nobody gave one in time. */
  readonly effect: EffectEntry | undefined;
  /** It was about an effect in doubt, which is performed again. */
  readonly isDecided: boolean;
  /** Among the questions of its name in its place. */
  readonly ordinal: number;
  /** Nobody waits for its answer any more. */
  readonly isOver: boolean;
}

/** The questions of some entries, by key: of each key the one that was asked last. */
export function journaledQuestions(entries: readonly Entry[]): ReadonlyMap<string, JournaledQuestion> {
  const { begins, over, settled, decided } = waitsOf(entries, 'ask');
  const ordinals = new QuestionOrdinals();
  const found = new Map<string, JournaledQuestion>();
  for (const begin of begins) {
    const ordinal = ordinals.of(begin);
    const key = questionKey(begin.at, begin.name, ordinal, begin.task);
    const effect = settled.get(settledBy(begin));
    const isDecided = decided.has(key);
    const isDone = isDecided || effect !== undefined || isOver(begin.at, over);
    found.set(key, { key, begin, effect, isDecided, ordinal, isOver: isDone });
  }
  return found;
}

/** The unanswered questions of an open step. */
export function openQuestions(openStep: readonly Entry[]): readonly Question[] {
  return [...journaledQuestions(openStep).values()].flatMap(({ isOver: isDone, begin, key }) =>
    isDone ? [] : [questionOf(begin, key)],
  );
}

/** The names of the signals that an open step waits for. */
export function awaitedSignals(openStep: readonly Entry[]): readonly string[] {
  return [...new Set(signalWaits(openStep).map(({ name }) => name))].sort();
}

/** The waits for a signal in an open step that are not over. */
export function signalWaits(openStep: readonly Entry[]): readonly BeginEntry[] {
  const { begins, over, settled } = waitsOf(openStep, 'receive');
  return begins.filter((begin) => !isOver(begin.at, over) && !settled.has(settledBy(begin)));
}

interface Waits {
  readonly begins: readonly BeginEntry[];
  /** Attempts that are over. */
  readonly over: ReadonlySet<string>;
  readonly settled: ReadonlyMap<string, EffectEntry>;
  /** The keys of questions about effects that are performed again. */
  readonly decided: ReadonlySet<string>;
}

/** The waits of a kind, and what ended them. Most steps have none, so that nothing of them is digested. */
function waitsOf(entries: readonly Entry[], type: 'ask' | 'receive'): Waits {
  const live = withoutVoid(entries);
  const races = racesIn(live);
  const begins = live.filter(
    (entry): entry is BeginEntry =>
      entry.kind === 'begin' && entry.type === type && !races.some((race) => isOfLoser(race, entry.at, entry.task)),
  );
  const over = new Set<string>();
  const settled = new Map<string, EffectEntry>();
  const decided = new Set<string>();
  if (begins.length === 0) return { begins, over, settled, decided };
  // What Reprise asks about an effect in doubt ends with that effect.
  const isAnyType = begins.some(({ label }) => label === doubtLabel);
  for (const entry of live) {
    if (entry.kind === 'outcome') over.add(entry.at);
    if (entry.kind === 'note' && entry.observed.question !== undefined) decided.add(entry.observed.question);
    if (entry.kind === 'effect' && (isAnyType || entry.type === type))
      settled.set(settledKey(entry.at, effectIdentity(entry), entry.occurrence), entry);
  }
  return { begins, over, settled, decided };
}

export function questionOf(begin: BeginEntry, key: string): Question {
  const { time, due } = begin.observed;
  return Object.freeze({
    question: begin.request,
    id: questionId(key, begin.request),
    key,
    node: begin.node,
    name: begin.name,
    askedAt: time,
    ...(due === undefined ? {} : { dueAt: due }),
  });
}

/** The ordinals of questions, for beginnings of version 1 too, which do not say theirs. */
export class QuestionOrdinals {
  readonly #counts = new Map<string, number>();

  of({ at, name, task, observed }: BeginEntry): number {
    const like = `${at}>${task ?? ''}:${name}`;
    const ordinal = observed.ordinal ?? this.#counts.get(like) ?? 0;
    this.#counts.set(like, ordinal + 1);
    return ordinal;
  }
}

function settledKey(at: string, identity: string, occurrence: number): string {
  return `${at} ${identity} ${occurrence}`;
}

function settledBy(begin: BeginEntry): string {
  if (begin.label !== doubtLabel) return settledKey(begin.at, effectIdentity(begin), begin.occurrence);
  const { effect, occurrence } = begin.request as { readonly effect: string; readonly occurrence: number };
  return settledKey(begin.at, effect, occurrence);
}

/** What a question of Reprise is about; undefined for one of the code. */
export function doubtAskedAbout(begin: BeginEntry): string | undefined {
  return begin.label === doubtLabel ? settledBy(begin) : undefined;
}

/** Of which type the effect is that a question of Reprise is about. */
export function typeAskedAbout(begin: BeginEntry): EffectType | undefined {
  const { effect } = begin.request as { readonly effect: string };
  const [type] = JSON.parse(effect) as readonly unknown[];
  return effectTypes.find((known) => known === type);
}

/** As `doubtAskedAbout` says it. */
export function doubtAbout(at: AttemptKey, ref: EffectRef): string {
  return settledKey(at, effectIdentity(ref), ref.occurrence);
}

/** An attempt is over once it has an outcome, or once an attempt that it runs inside has one. */
function isOver(at: string, over: ReadonlySet<string>): boolean {
  for (let end = at.length; end > 0; end = at.lastIndexOf('/', end - 1)) if (over.has(at.slice(0, end))) return true;
  return false;
}
