// An effect as an attempt asks for it, and what identifies it over all attempts of its task.
import { effectIdentity } from '../effect-identity.ts';
import type { EffectRef } from '../entry.ts';
import { isCleanUpKey } from '../key.ts';
import type { AttemptKey } from '../key.ts';

/** An effect, as an attempt asks for it. */
export interface AskedIn {
  readonly at: AttemptKey;
  readonly ref: EffectRef;
  /** Its place among the effects marked `once` of its name in the attempt; absent if it is not marked. */
  readonly oncePlace?: number | undefined;
  /** It is another try, and the one before it does not say whether the effect happened. */
  readonly again?: boolean | undefined;
}

/** The try before this one, if that does not say whether the effect happened. */
export function tryBefore(asked: AskedIn): AskedIn | undefined {
  const { ref, again } = asked;
  return again === true && ref.occurrence > 0 ? { ...likeAt(asked, ref.occurrence - 1), again } : undefined;
}

/** The effect that is alike, and has this number among those that are. */
export function likeAt({ at, ref, oncePlace }: AskedIn, occurrence: number): AskedIn {
  return { at, ref: { ...ref, occurrence }, ...(oncePlace === undefined ? {} : { oncePlace: occurrence }) };
}

/** By task, whatever the attempts of it and of those around it. */
export function undonePlace(at: AttemptKey, name: string): string {
  return `${taskIn(at)} ${name}`;
}

export function taskIn(at: AttemptKey): string {
  return at.replaceAll(/#\d+/g, '');
}

/** What identifies an effect over all attempts of its task, as text. */
export function identityIn(asked: AskedIn): string {
  const { ref, oncePlace } = asked;
  if (oncePlace === undefined) return `${likeIn(asked)} ${ref.occurrence}`;
  const inTask = ref.task === undefined ? [] : [ref.task];
  return JSON.stringify([placeOf(asked), ref.name, ref.label ?? null, oncePlace, ...inTask]);
}

/** The same, for all effects of the task that ask for the same. */
export function likeIn(asked: AskedIn): string {
  return `${placeOf(asked)} ${effectIdentity(asked.ref)}`;
}

/** What cleans up after one attempt says nothing of the clean-up after another. */
function placeOf({ at }: AskedIn): string {
  return isCleanUpKey(at) ? at : taskIn(at);
}

/** Whether an attempt of its task came before it, or one of a task around it. */
export function isFurther(at: AttemptKey): boolean {
  return !isCleanUpKey(at) && /#(?!1(?:\/|$))/.test(at);
}
