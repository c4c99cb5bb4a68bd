// Types that speak: what the compiler shows instead of a riddle.

/** A sentence about a mistake. No value has this type, so whoever is asked for one reads the sentence. */
export interface TypeMessage<Sentence extends string> {
  readonly '~typeMessage': Sentence;
}

/** Names in quotes, for a sentence. */
export type Quoted<Names> = Names extends string ? `"${Names}"` : never;

/** An intersection or mapped type as the plain object that it is, so that messages show no formula. */
export type Flat<Type> = Type extends infer Plain ? { [Key in keyof Plain]: Plain[Key] } : never;

export type KeysOfUnion<Type> = Type extends unknown ? keyof Type : never;

export type IsAny<Type> = 0 extends 1 & Type ? true : false;
