// How a property of the process is replaced, and given back.

/**
 * Replaces a property. It is given back unless somebody else has replaced it since: theirs stays, and ours inside it
 * only passes calls on.
 */
export function replaceProperty(holder: object, name: string, replacement: PropertyDescriptor): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  if (own?.configurable !== true) return () => undefined;
  Object.defineProperty(holder, name, { ...own, ...replacement });
  return () => {
    const now = Object.getOwnPropertyDescriptor(holder, name);
    const isOurs = replacement.get === undefined ? now?.value === replacement.value : now?.get === replacement.get;
    if (isOurs) Object.defineProperty(holder, name, own);
  };
}

/**
 * A global that the fake timers of a test may replace before, after or around us. In a node ours stands. Elsewhere
 * theirs does: they add to what they have put there, and give back what they have found.
 */
export class SharedGlobal<Kind extends object> {
  readonly #holder: object;
  readonly #name: string;
  /** What stands there in a node. */
  readonly ours: Kind;
  /** What stood there before anybody replaced it. */
  readonly original: Kind;
  /** What somebody else has put there; else the original. */
  #others: Kind;

  constructor(holder: object, name: string, make: (shared: SharedGlobal<Kind>) => Kind) {
    this.#holder = holder;
    this.#name = name;
    this.original = this.#current;
    this.#others = this.original;
    this.ours = make(this);
  }

  get others(): Kind {
    return this.#others;
  }

  /** `isInNode` says who is looking. The returned function gives back what the others have made of it. */
  install(isInNode: () => boolean): () => void {
    const own = Object.getOwnPropertyDescriptor(this.#holder, this.#name);
    if (own?.configurable !== true) return () => undefined;
    const get = (): Kind => (this.#others === this.original || isInNode() ? this.ours : this.#others);
    const set = (given: Kind): void => {
      this.#others = given === this.ours ? this.original : given;
    };
    set(this.#current);
    const { enumerable = false } = own;
    Object.defineProperty(this.#holder, this.#name, { get, set, configurable: true, enumerable });
    return () => {
      const others = this.#others;
      this.#others = this.original;
      if (Object.getOwnPropertyDescriptor(this.#holder, this.#name)?.get !== get) return;
      Object.defineProperty(this.#holder, this.#name, own);
      if (this.#current !== others) this.#current = others;
    };
  }

  get #current(): Kind {
    return (this.#holder as Record<string, Kind>)[this.#name] as Kind;
  }
  set #current(value: Kind) {
    (this.#holder as Record<string, Kind>)[this.#name] = value;
  }
}
