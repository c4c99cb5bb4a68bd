// Whether a journal can hold the values of a type. Types cannot tell everything, so every value is checked again at run
// time.
import type { IsAny, TypeMessage } from './type-message.ts';

type Leaf = string | number | boolean | bigint | null | undefined | Date | Uint8Array | Error;
type Callable = ((...given: never[]) => unknown) | symbol;

/** The names of the properties that hold a function. `any` may be one, and is left to the check at run time. */
type CallableKeys<Value> = {
  [Key in keyof Value & string]: IsAny<Value[Key]> extends true
    ? never
    : Extract<Value[Key], Callable> extends never
      ? never
      : Key;
}[keyof Value & string];

/** The paths that a journal cannot hold; `never` if it can hold all of them. Looks four levels deep. */
export type Unstorable<Value, Path extends string, Depth extends readonly 0[] = []> =
  IsAny<Value> extends true
    ? never
    : Depth['length'] extends 4
      ? never
      : unknown extends Value
        ? never
        : Value extends Leaf
          ? never
          : Value extends Callable
            ? Path
            : Value extends ReadonlyMap<infer Key, infer Item>
              ? Unstorable<Key | Item, `${Path}[]`, [...Depth, 0]>
              : Value extends ReadonlySet<infer Item> | readonly (infer Item)[]
                ? Unstorable<Item, `${Path}[]`, [...Depth, 0]>
                : UnstorableProperties<Value, Path, Depth>;

/** An object that has functions is reported by those alone, without looking deeper: a class has many. */
type UnstorableProperties<Value, Path extends string, Depth extends readonly 0[]> = [CallableKeys<Value>] extends [
  never,
]
  ? { [Key in keyof Value & string]: Unstorable<Value[Key], `${Path}.${Key}`, [...Depth, 0]> }[keyof Value & string]
  : `${Path}.${CallableKeys<Value>}`;

/** `unknown` if a journal can hold the value, otherwise a sentence with the paths it cannot hold. */
export type CheckStorable<Value, Path extends string> = [Unstorable<Value, Path>] extends [never]
  ? unknown
  : TypeMessage<`a journal cannot hold a function or a class instance: ${Unstorable<Value, Path>}`>;
