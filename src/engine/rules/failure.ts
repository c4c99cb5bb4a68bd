// Turns what nodes throw into errors that a journal can hold, and into the error that a failed run shows.
import { RepriseError, messageOf } from '../../base/error.ts';
import { isError, readable } from '../../base/error-class.ts';
import { canonicalValue, frozenError } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { addressInDoubt } from '../../journal/address-in-doubt.ts';
import { adviceOf, keepAdvice } from '../../journal/error/advice.ts';
import { semanticsVersion } from '../../journal/entry.ts';
import { withoutMachineFacts } from '../../journal/error/machine-facts.ts';
import { asThrown, keepStacks, stacksOf, withoutClass } from '../../journal/error/stacks.ts';
import type { SourcePaths } from '../../port/source-paths.ts';
import { readStacks } from './read-stacks.ts';

const frozenWrite =
  /read only property|object is not extensible|Cannot (?:add|delete|define|redefine) property|Cannot change this value/;

/**
 * The error that an attempt failed with, as a canonical value. Anything may be thrown; the result is always an Error.
 */
export function errorValue(given: unknown, node: string | undefined): Value {
  const thrown = readable(given);
  if (node !== undefined && thrown instanceof TypeError && frozenWrite.test(thrown.message)) {
    return canonicalValue(mutationError(node, thrown), 'error');
  }
  if (thrown instanceof RepriseError) return journaledError(thrown);
  if (isError(thrown)) return canonicalValue(thrown, 'error');
  return nonError(thrown);
}

/** What `thrownValue` needs to know about a run. */
export interface ThrownIn {
  readonly run: { readonly semantics: number };
  readonly paths: SourcePaths;
}

/** The error that the user's code failed with, as a canonical value. Where it came from is kept along with it. */
export function thrownValue(
  given: unknown,
  node: string | undefined,
  { run, paths }: ThrownIn,
  traced: unknown = readable(given),
): Value {
  const thrown = readable(given);
  const error = errorValue(thrown, node);
  const kept = run.semantics > 1 ? withoutMachineFacts(error) : withoutClass(error);
  keepAdvice(kept, adviceOf(error));
  if (stacksOf(error) !== undefined) keepStacks(kept, stacksOf(error));
  else keepStacks(kept, readStacks(kept, isMutation(error, thrown) ? { cause: thrown } : traced, paths));
  return kept;
}

/** The error of a step, raised by Reprise itself: only its causes have frames of the user. */
export function stepError(raised: RepriseError, given: ThrownIn): Value {
  return thrownValue(raised, undefined, given, { cause: raised.cause });
}

/** The node's own error became the cause of one that explains it. */
function isMutation(error: Value, thrown: unknown): boolean {
  return codeOf(error) === 'state-mutated' && thrown instanceof TypeError;
}

/**
 * Keeps the code, the message and the facts of Reprise's own errors. Advice may improve between releases, so it goes
 * along with the error, and is no part of it.
 */
function journaledError(error: RepriseError): Value {
  const journaled = frozenError({
    name: error.name,
    message: error.message,
    fields: canonicalValue({ code: error.code, fields: error.fields }, 'error') as Readonly<Record<string, Value>>,
    ...(error.cause === undefined ? {} : { cause: errorValue(error.cause, undefined) }),
  });
  keepAdvice(journaled, error.nextStep);
  return journaled;
}

function nonError(thrown: unknown): Value {
  let kept: Value;
  try {
    kept = canonicalValue(thrown, 'thrown value');
  } catch {
    // A cyclic object or a function: all that can be kept is a description.
    kept = undefined;
  }
  return frozenError({
    name: 'NonError',
    message: `a node threw ${describeThrown(thrown)}`,
    fields: kept === undefined ? {} : { thrown: kept },
  });
}

function describeThrown(thrown: unknown): string {
  if (typeof thrown === 'string') return `the text ${JSON.stringify(thrown)}`;
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  return 'an object that is no Error';
}

function mutationError(node: string, cause: TypeError): RepriseError {
  return new RepriseError(
    'state-mutated',
    `node "${node}" changed a value that is part of the state: ${cause.message}`,
    {
      nextStep: 'Give back a delta instead: the state is frozen, and all tasks of a step see the same one.',
      cause,
      fields: { node },
    },
  );
}

export function timeoutError(node: string, timeoutMs: number): RepriseError {
  return new RepriseError('node-timeout', `node "${node}" took longer than its ${timeoutMs} ms`, {
    nextStep: 'Raise timeoutMs, or make the node stop sooner; `retry` gives it further attempts.',
    fields: { node, timeoutMs },
  });
}

export function codeOf(error: Value): string | undefined {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Mistakes in the code itself, which a further attempt cannot fix. */
const finalCodes = new Set<string>([
  'empty-route',
  'route-invalid',
  'node-output-invalid',
  'input-invalid',
  'schema-async',
  'schema-failed',
  'unstorable',
  'value-too-large',
  'value-too-deep',
  'state-mutated',
  'option-invalid',
  'once-changed',
  'task-duplicate',
  'resume-diverged',
  'effect-nested',
  'effect-missing',
  'effect-refused',
  'replay-stalled',
  'limit-reached',
]);

/**
 * The run fails with an effect in doubt: nothing but a decision continues it. Under version 1 the error was one of the
 * node, without the address of the effect.
 */
export function isInDoubt(error: Value): boolean {
  return addressInDoubt(error) !== undefined;
}

/** What to do about an effect in doubt. */
export function decideStep(address: string, runId = '<run-id>'): string {
  const quoted = address.replaceAll("'", `'\\''`);
  return `Find out whether it happened, then decide: \`npx reprise resume ${runId} --decide '${quoted}=retry'\`, or with {"value": …} or {"error": "…"} in place of retry.`;
}

/** What to do where code asks for something else in place of what earlier code has left. */
export function leftStep(address: string, asked: string | undefined, isDone: boolean): string {
  const own = `Resume it with the code that asked for ${address}, under that name and with that request`;
  if (isDone) return `${own}: it is answered with what it got. Behind it, that code may ask for another one.`;
  const forced = asked === undefined ? 'it is passed over' : `${asked} is performed`;
  return `${own}: its policy counts, or your decision (\`--decide\`). With \`force\`, ${forced}, though ${address} may have happened.`;
}

function nextStepInDoubt(error: Value, address: string, runId: string | undefined): string {
  const { asked, left } = ((error as { readonly fields?: unknown }).fields ?? {}) as {
    readonly asked?: string;
    readonly left?: string;
  };
  if (left === undefined) return decideStep(address, runId);
  return leftStep(address, asked, left === 'done');
}

export function isFinal(error: Value): boolean {
  if (isInDoubt(error)) return true;
  return error instanceof Error && error.name === 'RepriseError' && finalCodes.has(codeOf(error) ?? '');
}

/** The input of a node that `onError` names. */
export function failureInput(node: string, error: Value, attempts: number): Value {
  const name = error instanceof Error ? error.name : 'Error';
  return canonicalValue({ node, code: codeOf(error) ?? name, message: messageOf(error), attempts }, 'failure');
}

/** The error of a failed run. It has a code, and the error of the node as its cause. */
export function runError(
  error: Value,
  task: string | undefined,
  node: string | undefined,
  runId?: string,
): RepriseError {
  const code = codeOf(error);
  const address = addressInDoubt(error);
  const thrown = asThrown(error, semanticsVersion);
  if (thrown instanceof Error && thrown.name === 'RepriseError') {
    const fields = (thrown as { fields?: unknown }).fields;
    const failed = new RepriseError((code ?? 'node-failed') as RepriseError['code'], thrown.message, {
      nextStep: address === undefined ? adviceFor(error, task) : nextStepInDoubt(error, address, runId),
      ...(thrown.cause === undefined ? {} : { cause: thrown.cause }),
      fields: { ...(fields as object), ...(task === undefined ? {} : { task, node }) },
    });
    return withFrames(failed, error);
  }
  const failed = new RepriseError('node-failed', `node "${node}" failed in task ${task}: ${messageOf(error)}`, {
    nextStep: nextStepOf(task),
    cause: thrown,
    fields: { task, node },
  });
  return withFrames(failed, error);
}

/** Where the run failed: in the user's code, not where Reprise makes the error. */
function withFrames(failed: RepriseError, error: Value): RepriseError {
  const frames = stacksOf(error)?.find((stack) => stack !== '');
  const lines = frames === undefined ? [] : frames.split('\n');
  const stack = [`${failed.name}: ${failed.message}`, ...lines].join('\n    ');
  return Object.defineProperty(failed, 'stack', { value: stack, writable: true, configurable: true });
}

/**
 * What the error says itself, and where it happened. What stopped the run from outside of its tasks is journaled with its
 * advice; runs of older releases hold none otherwise.
 */
function adviceFor(error: Value, task: string | undefined): string {
  const own = adviceOf(error) ?? journaledAdvice(error);
  if (own === undefined) return nextStepOf(task);
  return task === undefined ? own : `${own} Look at task ${task} with \`npx reprise show\`.`;
}

function journaledAdvice(error: Value): string | undefined {
  const { nextStep } = error as { readonly nextStep?: unknown };
  return typeof nextStep === 'string' ? nextStep : undefined;
}

function nextStepOf(task: string | undefined): string {
  return task === undefined
    ? 'See the fields of this error for the facts.'
    : `Look at task ${task} with \`npx reprise show\`; \`error.cause\` is what the node threw.`;
}
