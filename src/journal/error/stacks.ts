// Where errors came from: the frames of their stacks.
//   K1. Frames belong to no value. Two errors that differ in them alone are the same, so an error as a journal holds it
//       has none, and those that are known go along with it by identity.
//   K2. The error that a node gets has the frames that are journaled, whether it was just performed, is resumed or is
//       replayed.
import { impliedClass } from '../../base/error-class.ts';
import { errorOf, errorParts, frozenError } from '../../base/value.ts';
import type { ErrorParts, Value } from '../../base/value.ts';
import type { Entry, Stacks } from '../entry.ts';

const known = new WeakMap<object, Stacks>();

/** The stacks that were observed with an error of a journal. */
export function stacksOf(error: Value): Stacks | undefined {
  return error instanceof Error ? known.get(error) : undefined;
}

export function keepStacks(error: Value, stacks: Stacks | undefined): void {
  if (error instanceof Error && stacks !== undefined) known.set(error, stacks);
}

/** What an entry observed of its error, for those who get the error alone. */
export function keepStacksOf(entry: Entry): void {
  if (!('stacks' in entry.observed)) return;
  const error = errorIn(entry);
  if (error !== undefined) keepStacks(error, entry.observed.stacks);
}

/** The error that an entry holds. */
export function errorIn(entry: Entry): Value {
  switch (entry.kind) {
    case 'effect':
    case 'pooled':
      return entry.outcome.kind === 'error' ? entry.outcome.error : undefined;
    case 'task':
    case 'outcome':
      return 'error' in entry.result ? entry.result.error : undefined;
    case 'end':
      return entry.end.status === 'failed' ? entry.end.error : undefined;
    default:
      return undefined;
  }
}

/** An error, the errors that its class holds, and its cause, each followed by its own. */
export function* errorsIn(error: Value): Generator<Error> {
  if (!(error instanceof Error)) return;
  yield error;
  const { own, cause } = errorParts(error);
  for (const part of Object.values(own)) {
    for (const inner of Array.isArray(part) ? (part as readonly Value[]) : [part]) yield* errorsIn(inner);
  }
  yield* errorsIn(cause);
}

/**
 * The error as a node or a caller gets it: with its frames, and a copy that it may write to, as code that tries again does
 * to count its tries. Under version 1 of the semantics it is a plain `Error`, whatever its name.
 */
export function asThrown(error: Value, semantics: number): unknown {
  if (!(error instanceof Error)) return error;
  return copyWithFrames(error, [...(stacksOf(error) ?? [])], semantics > 1);
}

/** Takes from `left` the frames of the error and of those within it, in the order of `errorsIn`. */
function copyWithFrames(error: Error, left: string[], keepsClass: boolean): Error {
  const frames = left.shift() ?? '';
  const copied = (value: Value): Value => (value instanceof Error ? copyWithFrames(value, left, keepsClass) : value);
  const { className, name, message, fields, own, cause } = errorParts(error);
  const parts: ErrorParts = {
    className: keepsClass ? className : 'Error',
    name,
    message,
    fields,
    own: keepsClass ? copiedParts(own, copied) : {},
    ...(cause === undefined ? {} : { cause: copied(cause) }),
  };
  return errorOf(parts, frames === '' ? '' : `\n    ${frames.replaceAll('\n', '\n    ')}`);
}

function copiedParts(own: ErrorParts['own'], copied: (value: Value) => Value): ErrorParts['own'] {
  const parts = Object.entries(own).map(([part, value]): [string, Value] => [
    part,
    Array.isArray(value) ? (value as readonly Value[]).map(copied) : copied(value),
  ]);
  return Object.fromEntries(parts);
}

/** Under version 1 an error had no class and no errors of its own. */
export function withoutClass(error: Value): Value {
  if (!(error instanceof Error)) return error;
  const { className, name, message, fields, own, cause } = errorParts(error);
  const inner = withoutClass(cause);
  if (className === impliedClass(name) && Object.keys(own).length === 0 && inner === cause) return error;
  const parts = { className: impliedClass(name), name, message, fields };
  return frozenError({ ...parts, ...(inner === undefined ? {} : { cause: inner }) });
}

/** The frames of the user's own code: not those of packages, of Node or of the language. */
export function userFrames(stack: string): readonly string[] {
  return stack.split('\n').filter((frame) => isUserPlace(placeOf(frame)));
}

/** The first of an error, or else of an error within it. */
export function firstUserFrame(error: Value): string | undefined {
  return stacksOf(error)?.flatMap(userFrames)[0];
}

/** What stands in the brackets at the end of a frame, if its function has a name. */
function placeOf(frame: string): string {
  const inBrackets = /\((?:[^()]|\([^()]*\))*\)$/.exec(frame)?.[0];
  return inBrackets === undefined ? frame.replace(/^at (?:async )?/, '') : inBrackets.slice(1, -1);
}

function isUserPlace(place: string): boolean {
  return /:\d+:\d+$/.test(place) && !/^(?:node:|node_modules\/|eval at |[\w-]+:\/\/)/.test(place);
}
