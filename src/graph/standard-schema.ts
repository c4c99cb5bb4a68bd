// Standard Schema (version 1), as its specification says it: what zod, valibot, arktype and others all are. Written out
// here, so that nothing has to be installed to use one.
//   C1. A schema is asked once and at once: one that gives a promise is refused, since no journal would know its answer.
//   C2. What comes of a schema is a canonical value: what a replay would see in its place.
import type { ErrorCode } from '../base/error.ts';
import { messageOf, RepriseError } from '../base/error.ts';
import type { OptionKind } from '../base/options/option-kind.ts';
import { canonicalValue, ownView } from '../base/value.ts';
import type { Value } from '../base/value.ts';

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
export type SchemaResult<Received> =
  | { readonly value: Received; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Any Standard Schema (zod, valibot, arktype and others): values are then checked at run time too. */
export interface StandardSchema<Given, Received> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Received> | Promise<SchemaResult<Received>>;
    readonly types?: { readonly input: Given; readonly output: Received } | undefined;
  };
}

export type AnySchema = StandardSchema<unknown, unknown>;

/** An issue as errors carry it: `findings.3.topic`; an empty path is the value itself. */
export interface FoundIssue {
  readonly path: string;
  readonly message: string;
}

/** What a schema is asked about, and which error says that it does not fit. */
export interface SchemaUse {
  /** `the input sent to node "dig"`; it begins a message. */
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
 * What the schema makes of a value: defaults filled in, texts trimmed, whatever it says.
 *
 * @throws RepriseError the code of `use` if it does not fit, with the path of the first issue; `schema-async` if the schema
 *   gives a promise; `schema-failed` if it throws; `unstorable` if what it gives cannot be journaled.
 */
export function checkWithSchema(schema: AnySchema, value: Value, use: SchemaUse): Value {
  const result = askSchema(schema, value, use.name);
  if (result.issues !== undefined) throw misfit(use, result.issues.map(foundIssue));
  return canonicalValue(result.value, `what the schema made of ${use.name}`);
}

/**
 * What the schema says of a value, which it gets frozen.
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
  // A schema that names no issue has still said no.
  return said.issues?.length === 0 ? { issues: [{ message: 'it names no issue' }] } : said;
}

/** The error of a value that does not fit; `issues` is not empty. */
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
  // Nobody will wait for it: without this its failure would end the process.
  Promise.resolve(promise).catch(() => undefined);
  return new RepriseError('schema-async', `the schema of ${name} gave a promise`, {
    nextStep: 'Leave asynchronous checks to a node, which can ask the outside with `effect`.',
  });
}

function failed(message: string, cause?: unknown): RepriseError {
  return new RepriseError('schema-failed', message, {
    nextStep: 'A schema is a pure function: it gets a frozen value, and gives back a value or issues.',
    ...(cause === undefined ? {} : { cause }),
  });
}
