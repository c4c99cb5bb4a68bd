// Declares the inputs of nodes, and checks what is sent where a schema says how.
import type { OptionKind } from '../base/options/option-kind.ts';
import type { Value } from '../base/value.ts';
import type { FailureType, InputSpec, InputType } from './input-types.ts';
import { checkWithSchema, isSchema } from './standard-schema.ts';
import type { SchemaUse } from './standard-schema.ts';

/** The input of a node that is sent to, for the types alone. Give a Standard Schema instead to check it at run time. */
export function input<Value>(): InputType<Value> {
  return Object.freeze({ kind: 'input' });
}

/** The input of a node that other nodes name in `onError`. */
export function failure(): FailureType {
  return Object.freeze({ kind: 'failure' });
}

export const inputKind: OptionKind = {
  wanted: 'input<Type>(), failure() or a Standard Schema',
  fits(spec) {
    const kind = (spec as { readonly kind?: unknown } | null | undefined)?.kind;
    return isSchema(spec) || kind === 'input' || kind === 'failure';
  },
};

export type InputParser = (payload: Value) => Value;

/** What turns a payload into what the node receives: undefined where nothing is to be checked. */
export function inputParser(spec: InputSpec | undefined, node: string): InputParser | undefined {
  if (spec === undefined || !isSchema(spec)) return undefined;
  const use: SchemaUse = {
    name: `the input sent to node "${node}"`,
    code: 'input-invalid',
    nextStep: `Send what the schema of "${node}" takes, or change the schema.`,
    fields: { node },
  };
  return (payload) => checkWithSchema(spec, payload, use);
}
