// What an error of Reprise advises. Texts may improve between releases, so an error as a journal holds it has none, and
// advice goes along with it by identity, as frames do (stacks.ts). Of the end of a run it is observed, for those who come
// later.
import type { Value } from '../../base/value.ts';
import type { Entry } from '../entry.ts';

const known = new WeakMap<object, string>();

export function adviceOf(error: Value): string | undefined {
  return error instanceof Error ? known.get(error) : undefined;
}

export function keepAdvice(error: Value, nextStep: string | undefined): void {
  if (error instanceof Error && nextStep !== undefined) known.set(error, nextStep);
}

/** What an entry observed of its error, for those who get the error alone. */
export function keepAdviceOf(entry: Entry): void {
  if (entry.kind === 'end' && entry.end.status === 'failed') keepAdvice(entry.end.error, entry.observed.nextStep);
}
