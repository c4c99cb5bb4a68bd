// Options are declared as data, one shape for each door, and checked when they are given. Nothing is silently ignored.
import { optionError, valueFault } from './option-fault.ts';
import type { OptionFault } from './option-fault.ts';
import type { OptionKind } from './option-kind.ts';
import { faultIn, faultOf, isObject, joined, optionTable } from './option-parts.ts';
import type { OptionKinds, OptionTable } from './option-parts.ts';

/** A rule about several options: returns the option that does not fit the others, and what to give instead. */
export type OptionRule<Options> = (
  options: Options,
) => { readonly option: keyof Options & string; readonly wanted: string } | undefined;

export interface OptionShape<Options> {
  /** What the options are given to, as messages name it: `engine.run`. */
  readonly door: string;
  /** To be spread into the shapes of doors that take these options and more. */
  readonly kinds: OptionKinds<Options>;
  readonly table: OptionTable;
  readonly rules: readonly OptionRule<Options>[];
}

export function optionShape<Options extends object>(
  door: string,
  kinds: OptionKinds<Options>,
  ...rules: readonly OptionRule<Options>[]
): OptionShape<Options> {
  return Object.freeze({ door, kinds: Object.freeze(kinds), table: optionTable(kinds), rules });
}

/** The default for options that were left out. Shared, so that calls without options allocate nothing. */
export const noOptions: Readonly<Record<never, never>> = Object.freeze({});

/**
 * `door` replaces that of the shape if it has a name of its own, such as `node "plan"`.
 *
 * @throws RepriseError `option-invalid`
 */
export function checkOptions<Options extends object>(
  shape: OptionShape<Options>,
  given: unknown,
  door: string = shape.door,
): void {
  if ((given === undefined || given === noOptions) && shape.table.required.length === 0) return;
  const fault = optionsFault(shape, given);
  if (fault !== undefined) throw optionError(door, fault);
}

/** For a door with an error code of its own. */
export function optionsFault<Options extends object>(
  { table, rules }: OptionShape<Options>,
  given: unknown,
): OptionFault | undefined {
  const options = given === undefined ? noOptions : given;
  if (!isObject(options)) return valueFault(given, 'an object of options');
  const fault = faultIn(table, options);
  if (fault !== undefined) return fault;
  for (const rule of rules) {
    const broken = rule(options as Options);
    if (broken === undefined) continue;
    const { option, wanted } = broken;
    return { kind: 'value', option, at: option, given: (options as Options)[option], wanted };
  }
  return undefined;
}

/** For an argument that is not an options object. @throws RepriseError `option-invalid` */
export function checkArgument(door: string, name: string, kind: OptionKind, given: unknown): void {
  const fault = faultOf(kind, given);
  if (fault !== undefined) throw optionError(door, { ...fault, option: name, at: joined(name, fault.at) }, 'argument');
}
