// Declares the inputs of nodes, and checks what is sent where a schema says how.
import { RepriseError } from '../base/error.ts';
import { optionInvalid } from '../base/option-check.ts';
import { canonicalValue, ownView } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { FailureType, InputSpec, InputType, SchemaIssue, SchemaResult, StandardSchema } from './input-types.ts';

/** The input of a node that is sent to, for the types alone. Give a Standard Schema instead to check it at run time. */
export function input<Value>(): InputType<Value> {
  return Object.freeze({ kind: 'input' });
}

/** The input of a node that other nodes name in `onError`. */
export function failure(): FailureType {
  return Object.freeze({ kind: 'failure' });
}

export function isSchema(spec: unknown): spec is StandardSchema<unknown, unknown> {
  if ((typeof spec !== 'object' && typeof spec !== 'function') || spec === null) return false;
  const standard: unknown = (spec as { readonly '~standard'?: unknown })['~standard'];
  return typeof (standard as { readonly validate?: unknown } | null | undefined)?.validate === 'function';
}

/** @throws RepriseError `option-invalid` */
export function checkInputSpec(spec: unknown, node: string): asserts spec is InputSpec {
  const kind = (spec as { readonly kind?: unknown } | null | undefined)?.kind;
  if (isSchema(spec) || kind === 'input' || kind === 'failure') return;
  throw optionInvalid(`the input of node "${node}"`, 'input<Type>(), failure(), or a Standard Schema', spec);
}

export type InputParser = (payload: Value) => Promise<Value> | Value;

/** What turns a payload into what the node receives: undefined where nothing is to be checked. */
export function inputParser(spec: InputSpec | undefined, node: string): InputParser | undefined {
  if (spec === undefined || !isSchema(spec)) return undefined;
  const read = (result: SchemaResult<unknown>): Value => {
    if (result.issues !== undefined) throw inputInvalid(node, result.issues);
    return canonicalValue(result.value, `the input of node "${node}", as its schema gave it`);
  };
  return (payload) => {
    const result = spec['~standard'].validate(ownView(payload));
    return result instanceof Promise ? result.then(read) : read(result);
  };
}

function inputInvalid(node: string, issues: readonly SchemaIssue[]): RepriseError {
  const found = issues.map((issue) => ({ path: issuePath(issue), message: issue.message }));
  const shown = found.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new RepriseError('input-invalid', `the input sent to node "${node}" does not fit its schema: ${shown}`, {
    nextStep: `Send what the schema of "${node}" takes, or change the schema.`,
    fields: { node, issues: found },
  });
}

export function issuePath({ path }: SchemaIssue): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
