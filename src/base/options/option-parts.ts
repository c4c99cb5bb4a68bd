// Kinds of values that have parts. Each part is checked in turn, and a fault says at which one.
import type { OptionFault } from './option-fault.ts';
import { valueFault } from './option-fault.ts';
import { eitherText } from './option-kind.ts';
import type { OptionKind } from './option-kind.ts';

/** By name: what each option may be. The compiler holds it to the options that the type declares, no more and no fewer. */
export type OptionKinds<Options> = { readonly [Name in keyof Options]-?: OptionKind };
type AnyKinds = Readonly<Record<string, OptionKind>>;

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function faultOf(kind: OptionKind, value: unknown): OptionFault | undefined {
  return kind.fits(value) ? kind.faultIn?.(value) : valueFault(value, kind.wanted);
}

/** Kinds in the form in which checks look them up. */
export interface OptionTable {
  readonly kinds: ReadonlyMap<string, OptionKind>;
  readonly names: readonly string[];
  readonly required: readonly string[];
}

export function optionTable(kinds: AnyKinds): OptionTable {
  const all = Object.entries(kinds);
  const required = all.filter(([, kind]) => kind.isRequired === true).map(([name]) => name);
  return { kinds: new Map(all), names: Object.keys(kinds), required };
}

/** The first option that is unknown, has a wrong value, or is missing. On a hot path: without a fault it allocates nothing. */
export function faultIn(table: OptionTable, options: object): OptionFault | undefined {
  const { kinds, required } = table;
  const given = options as Readonly<Record<string, unknown>>;
  for (const name in given) {
    const kind = kinds.get(name);
    if (kind === undefined) {
      // Something that was added to the prototype of all objects is not an option.
      if (!Object.hasOwn(given, name)) continue;
      return { kind: 'unknown', option: name, at: name, key: name, known: [...kinds.keys()] };
    }
    const value = given[name];
    const fault = value === undefined ? undefined : faultOf(kind, value);
    if (fault !== undefined) return inOption(name, fault);
  }
  for (const name of required)
    if (given[name] === undefined) return inOption(name, valueFault(undefined, kinds.get(name)?.wanted ?? ''));
  return hiddenFault(table, given);
}

const isEnumerableIn = Object.prototype.propertyIsEnumerable;

/** Getters of a class are options as well, although no loop over the keys shows them. */
function hiddenFault({ kinds, names }: OptionTable, given: Readonly<Record<string, unknown>>): OptionFault | undefined {
  for (const name of names) {
    const value = given[name];
    const kind = kinds.get(name);
    if (value === undefined || kind === undefined || isEnumerableIn.call(given, name)) continue;
    const fault = faultOf(kind, value);
    if (fault !== undefined) return inOption(name, fault);
  }
  return undefined;
}

function inOption(name: string, fault: OptionFault): OptionFault {
  const option = fault.option === '' ? name : `${name}.${fault.option}`;
  return { ...fault, option, at: joined(name, fault.at) };
}

export function joined(before: string, at: string): string {
  return at === '' || at.startsWith('[') ? before + at : `${before}.${at}`;
}

/** Options within an option. */
export function optionsIn<Options>(kinds: OptionKinds<Options>): OptionKind {
  const table = optionTable(kinds);
  return {
    wanted: `an object with ${Object.keys(kinds).join(', ')}`,
    fits: isObject,
    faultIn: (value) => faultIn(table, value as object),
  };
}

/** Data of a known shape. Its parts are not options themselves. */
export function objectOf<Parts>(wanted: string, kinds: OptionKinds<Parts>): OptionKind {
  const { fits, faultIn: within } = optionsIn(kinds);
  return {
    wanted,
    fits,
    faultIn(value) {
      const fault = within?.(value);
      return fault === undefined ? undefined : unnamed(fault);
    },
  };
}

/** An object of the caller's that has at least these members, such as a store. It is accepted or refused as a whole. */
export function objectWith(wanted: string, members: AnyKinds): OptionKind {
  const all = Object.entries(members);
  return {
    wanted,
    fits: (value) =>
      ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
      all.every(([name, kind]) => {
        const member = (value as Readonly<Record<string, unknown>>)[name];
        return member === undefined ? kind.isRequired !== true : kind.fits(member);
      }),
  };
}

/** `items`: what the list is of, as in "a list of node names". */
export function listOf(kind: OptionKind, items: string): OptionKind {
  const wanted = `a list of ${items}`;
  return {
    wanted,
    fits: Array.isArray,
    faultIn(value) {
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        const fault = kind.fits(item) ? kind.faultIn?.(item) : valueFault(item, wanted);
        if (fault !== undefined) return { ...unnamed(fault), at: joined(`[${index}]`, fault.at) };
      }
      return undefined;
    },
  };
}

/** Values under names that the caller chooses. */
export function recordOf(kind: OptionKind, wanted: string, names?: OptionKind): OptionKind {
  return {
    wanted,
    fits: isObject,
    faultIn(value) {
      for (const [name, item] of Object.entries(value as object)) {
        if (names !== undefined && !names.fits(name))
          return { kind: 'key', option: '', at: '', key: name, wanted: names.wanted };
        const fault = faultOf(kind, item);
        if (fault !== undefined) return { ...unnamed(fault), at: joined(inRecord(name), fault.at) };
      }
      return undefined;
    },
  };
}

function inRecord(name: string): string {
  return /^[\w-]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;
}

function unnamed(fault: OptionFault): OptionFault {
  return { ...fault, option: '' };
}

export function either(...kinds: readonly OptionKind[]): OptionKind {
  return {
    wanted: eitherText(kinds.map(({ wanted }) => wanted)),
    fits: (value) => kinds.some((kind) => kind.fits(value)),
    faultIn: (value) => kinds.find((kind) => kind.fits(value))?.faultIn?.(value),
  };
}
