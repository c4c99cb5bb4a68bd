// Types that make the compiler show a sentence instead of a riddle.

/** A sentence about a mistake. No value has this type, so the compiler reports it, and the sentence with it. */
export interface TypeMessage<Sentence extends string> {
  readonly '~typeMessage': Sentence;
}

/** Names in quotes, for a sentence. */
export type Quoted<Names> = Names extends string ? `"${Names}"` : never;

/** Turns an intersection or mapped type into a plain object type, so that messages show its properties. */
export type Flat<Type> = Type extends infer Plain ? { [Key in keyof Plain]: Plain[Key] } : never;

export type KeysOfUnion<Type> = Type extends unknown ? keyof Type : never;

export type IsAny<Type> = 0 extends 1 & Type ? true : false;
