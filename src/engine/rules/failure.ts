// Turns what nodes throw into errors that a journal can hold, and into the error that a failed run shows.
import { RepriseError, messageOf } from '../../base/error.ts';
import { canonicalValue, frozenError } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';

const frozenWrite =
  /read only property|object is not extensible|Cannot (?:add|delete|define|redefine) property|Cannot change this value/;

/**
 * The error that an attempt failed with, as a canonical value. Anything may be thrown; the result is always an Error.
 */
export function errorValue(thrown: unknown, node: string | undefined): Value {
  if (node !== undefined && thrown instanceof TypeError && frozenWrite.test(thrown.message)) {
    return canonicalValue(mutationError(node, thrown), 'error');
  }
  if (thrown instanceof RepriseError) return journaledError(thrown);
  if (thrown instanceof Error) return canonicalValue(thrown, 'error');
  return nonError(thrown);
}

/**
 * Keeps the code, the message and the facts of Reprise's own errors. Advice may improve between releases, so it is left
 * out.
 */
function journaledError(error: RepriseError): Value {
  return frozenError({
    name: error.name,
    message: error.message,
    fields: canonicalValue({ code: error.code, fields: error.fields }, 'error') as Readonly<Record<string, Value>>,
    ...(error.cause === undefined ? {} : { cause: errorValue(error.cause, undefined) }),
  });
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
  'resume-diverged',
  'effect-nested',
  'effect-missing',
  'effect-refused',
  'limit-reached',
]);

export function isFinal(error: Value): boolean {
  return error instanceof Error && error.name === 'RepriseError' && finalCodes.has(codeOf(error) ?? '');
}

/** The input of a node that `onError` names. */
export function failureInput(node: string, error: Value, attempts: number): Value {
  const name = error instanceof Error ? error.name : 'Error';
  return canonicalValue({ node, code: codeOf(error) ?? name, message: messageOf(error), attempts }, 'failure');
}

/** The error of a failed run. It has a code, and the error of the node as its cause. */
export function runError(error: Value, task: string | undefined, node: string | undefined): RepriseError {
  const code = codeOf(error);
  if (error instanceof Error && error.name === 'RepriseError') {
    const fields = (error as { fields?: unknown }).fields;
    return new RepriseError((code ?? 'node-failed') as RepriseError['code'], error.message, {
      nextStep: nextStepOf(task),
      ...(error.cause === undefined ? {} : { cause: error.cause }),
      fields: { ...(fields as object), ...(task === undefined ? {} : { task, node }) },
    });
  }
  return new RepriseError('node-failed', `node "${node}" failed in task ${task}: ${messageOf(error)}`, {
    nextStep: nextStepOf(task),
    cause: error,
    fields: { task, node },
  });
}

function nextStepOf(task: string | undefined): string {
  return task === undefined
    ? 'See the fields of this error for the facts.'
    : `Look at task ${task} with \`reprise show\`; \`error.cause\` is what the node threw.`;
}
