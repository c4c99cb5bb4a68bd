// What is known of an object that comes and goes by the thousand, as a WeakMap would keep it. A WeakMap that has grown old
// holds its values until the next full collection, and with them everything that they lead to: each collection of young
// objects then copies what should have been gone. A private field dies with its object.

/** Returns the given object in place of a new one, so that a subclass puts its private field on that object. */
export class Stamp {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what this class is for
    return object;
  }
}

export interface KeptWith<Key extends object, Kept> {
  get(key: Key): Kept | undefined;
  set(key: Key, kept: Kept): void;
}

/** Only for objects that can be extended. Nobody else can see what is kept. */
export function keptWith<Key extends object, Kept>(): KeptWith<Key, Kept> {
  return class Keeper extends Stamp {
    #kept: Kept;
    constructor(key: Key, kept: Kept) {
      super(key);
      this.#kept = kept;
    }
    static get(key: Key): Kept | undefined {
      return #kept in key ? key.#kept : undefined;
    }
    static set(key: Key, kept: Kept): void {
      if (#kept in key) key.#kept = kept;
      else void new Keeper(key, kept);
    }
  };
}
