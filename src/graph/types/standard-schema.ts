// Standard Schema (version 1): the interface that zod, valibot, arktype and others implement. Copied from its
// specification, so that using one requires no dependency.
//   C1. A schema is asked once and answers synchronously. One that returns a promise is refused, since no journal would
//       hold its answer.
//   C2. What a schema returns becomes a canonical value: what a replay would see in its place.
import type { ErrorCode } from '../../base/error.ts';
import { messageOf, RepriseError } from '../../base/error.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { ownView } from '../../base/own-view.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
export type SchemaResult<Received> =
  | { readonly value: Received; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Any Standard Schema (zod, valibot, arktype and others). Values are then checked at run time as well. */
export interface StandardSchema<Given, Received> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Received> | Promise<SchemaResult<Received>>;
    readonly types?: { readonly input: Given; readonly output: Received } | undefined;
  };
}

export type AnySchema = StandardSchema<unknown, unknown>;

/** An issue as errors carry it. The path reads `findings.3.topic`; an empty path means the value itself. */
export interface FoundIssue {
  readonly path: string;
  readonly message: string;
}

/** What a schema checks, and the error for a value that does not fit. */
export interface SchemaUse {
  /** Begins a message, such as `the input sent to node "dig"`. */
  readonly name: string;
  readonly code: ErrorCode;
  readonly nextStep: string;
  /** Facts for the error, besides `path` and `issues`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export function isSchema(spec: unknown): spec is AnySchema {
  if ((typeof spec !== 'object' && typeof spec !== 'function') || spec === null) return false;
  const standard: unknown = (spec as { readonly '~standard'?: unknown })['~standard'];
  return typeof (standard as { readonly validate?: unknown } | null | undefined)?.validate === 'function';
}

export const schemaKind: OptionKind = { wanted: 'a Standard Schema, such as one of zod', fits: isSchema };

/**
 * What the schema makes of a value: defaults filled in, strings trimmed, whatever it does.
 *
 * @throws RepriseError the code of `use` if the value does not fit, with the path of the first issue; `schema-async` if
 *   the schema returns a promise; `schema-failed` if it throws; `unstorable` if its result cannot be journaled.
 */
export function checkWithSchema(schema: AnySchema, value: Value, use: SchemaUse): Value {
  const result = askSchema(schema, value, use.name);
  if (result.issues !== undefined) throw misfit(use, result.issues.map(foundIssue));
  return canonicalValue(result.value, `what the schema made of ${use.name}`);
}

/**
 * What the schema says about a value, which it gets frozen.
 *
 * @throws RepriseError `schema-async`, `schema-failed`
 */
export function askSchema(schema: AnySchema, value: Value, name: string): SchemaResult<unknown> {
  let result: unknown;
  try {
    result = schema['~standard'].validate(ownView(value));
  } catch (cause) {
    throw failed(`the schema of ${name} threw an error: ${messageOf(cause)}`, cause);
  }
  if (typeof result !== 'object' || result === null) throw failed(`the schema of ${name} gave ${String(result)}`);
  if (typeof (result as { readonly then?: unknown }).then === 'function') throw isAsync(name, result);
  const said = result as SchemaResult<unknown>;
  // A schema that returns an empty list of issues has still refused the value.
  return said.issues?.length === 0 ? { issues: [{ message: 'it names no issue' }] } : said;
}

/** The error for a value that does not fit. `issues` is not empty. */
export function misfit({ name, code, nextStep, fields }: SchemaUse, issues: readonly FoundIssue[]): RepriseError {
  const shown = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new RepriseError(code, `${name} does not fit its schema: ${shown}`, {
    nextStep,
    fields: { ...fields, path: issues[0]?.path ?? '', issues },
  });
}

export function foundIssue(issue: SchemaIssue): FoundIssue {
  return { path: issuePath(issue), message: issue.message };
}

export function issuePath({ path }: SchemaIssue): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}

function isAsync(name: string, promise: object): RepriseError {
  // Nobody awaits it: without this its rejection would end the process.
  Promise.resolve(promise).catch(() => undefined);
  return new RepriseError('schema-async', `the schema of ${name} gave a promise`, {
    nextStep: 'Move asynchronous checks into a node, which can call the outside with `effect`.',
  });
}

function failed(message: string, cause?: unknown): RepriseError {
  return new RepriseError('schema-failed', message, {
    nextStep: 'A schema is a pure function: it gets a frozen value and returns a value or issues.',
    ...(cause === undefined ? {} : { cause }),
  });
}
