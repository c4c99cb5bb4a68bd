// Questions to people that a run waits for, read from its journal.
import type { Value } from '../base/value.ts';
import { effectIdentity } from './effect-identity.ts';
import type { BeginEntry, Entry } from './entry.ts';
import { taskOfAttempt } from './key.ts';
import type { AttemptKey } from './key.ts';

/** A question that a run waits to have answered. */
export interface Question {
  /** The task that asks, the name of the question, and a number if the task asks more than one of that name. */
  readonly key: string;
  readonly node: string;
  readonly name: string;
  readonly question: Value;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  /** When it expires, in milliseconds since 1970. */
  readonly dueAt?: number;
}

/** `occurrence`: among the questions of this name in the attempt and its task, in the order of asking. */
export function questionKey(at: AttemptKey, name: string, occurrence: number, task?: string): string {
  const place = task === undefined ? taskOfAttempt(at) : `${taskOfAttempt(at)}>${task}`;
  return `${place}:${name}${occurrence === 0 ? '' : `:${occurrence}`}`;
}

/** Marks a question that Reprise itself asks: what to do about an effect that may or may not have happened. */
export const doubtLabel = 'in-doubt';

/** The unanswered questions of an open step. */
export function openQuestions(openStep: readonly Entry[]): readonly Question[] {
  const over = new Set<string>();
  const settled = new Set<string>();
  for (const entry of openStep) {
    if (entry.kind === 'outcome') over.add(entry.at);
    if (entry.kind === 'effect') settled.add(settledKey(entry.at, effectIdentity(entry), entry.occurrence));
  }
  const counts = new Map<string, number>();
  const found = new Map<string, Question>();
  for (const entry of openStep) {
    if (entry.kind !== 'begin' || entry.type !== 'ask') continue;
    const counted = `${entry.at}>${entry.task ?? ''}:${entry.name}`;
    const occurrence = counts.get(counted) ?? 0;
    counts.set(counted, occurrence + 1);
    if (isOver(entry.at, over) || isSettled(entry, settled)) continue;
    const key = questionKey(entry.at, entry.name, occurrence, entry.task);
    found.set(key, questionOf(entry, key));
  }
  return [...found.values()];
}

export function questionOf(begin: BeginEntry, key: string): Question {
  const { time, due } = begin.observed;
  return Object.freeze({
    key,
    node: begin.node,
    name: begin.name,
    question: begin.request,
    askedAt: time,
    ...(due === undefined ? {} : { dueAt: due }),
  });
}

function settledKey(at: string, identity: string, occurrence: number): string {
  return `${at} ${identity} ${occurrence}`;
}

function isSettled(begin: BeginEntry, settled: ReadonlySet<string>): boolean {
  if (begin.label !== doubtLabel) return settled.has(settledKey(begin.at, effectIdentity(begin), begin.occurrence));
  const { effect, occurrence } = begin.request as { readonly effect: string; readonly occurrence: number };
  return settled.has(settledKey(begin.at, effect, occurrence));
}

/** An attempt is over once it has an outcome, or once an attempt that it runs inside has one. */
function isOver(at: string, over: ReadonlySet<string>): boolean {
  for (let end = at.length; end > 0; end = at.lastIndexOf('/', end - 1)) if (over.has(at.slice(0, end))) return true;
  return false;
}
