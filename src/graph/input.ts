// Declares the inputs of nodes, and checks payloads by their schema.
import type { OptionKind } from '../base/options/option-kind.ts';
import type { Value } from '../base/value.ts';
import type { FailureType, InputSpec, InputType } from './types/input-types.ts';
import { checkWithSchema, isSchema } from './types/standard-schema.ts';
import type { SchemaUse } from './types/standard-schema.ts';

/** Declares the type of the input of a node. To check it at run time as well, pass a Standard Schema instead. */
export function input<Value>(): InputType<Value> {
  return Object.freeze({ kind: 'input' });
}

/** Declares the input of a node that other nodes name in `onError`. */
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

/** Turns a payload into what the node receives. Undefined if there is nothing to check. */
export function inputParser(spec: InputSpec | undefined, node: string): InputParser | undefined {
  if (spec === undefined || !isSchema(spec)) return undefined;
  const use: SchemaUse = {
    name: `the input sent to node "${node}"`,
    code: 'input-invalid',
    nextStep: `Send a value that fits the schema of "${node}", or change the schema.`,
    fields: { node },
  };
  return (payload) => checkWithSchema(spec, payload, use);
}
