// How a property of the process is replaced, and given back.

/**
 * Replaces a property. It is given back unless somebody else has replaced it since: theirs stays, and ours inside it
 * only passes calls on.
 */
export function replaceProperty(holder: object, name: string, replacement: PropertyDescriptor): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  // A value that can be written may be replaced, whatever else is fixed: so it is with `crypto` of Bun.
  const isOpen = own?.configurable === true || (own?.writable === true && replacement.get === undefined);
  if (own === undefined || !isOpen) return () => undefined;
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

  readonly #form: 'shared' | 'plain';
  #heldCount = 0;
  #take: (() => void) | undefined;

  /**
   * `plain`: while nobody else has put anything there, it is a property with a value, as it was before. Then what
   * replaces it has to be looked for.
   */
  constructor(
    holder: object,
    name: string,
    make: (shared: SharedGlobal<Kind>) => Kind,
    form: 'shared' | 'plain' = 'shared',
  ) {
    this.#form = form;
    this.#holder = holder;
    this.#name = name;
    this.original = this.#current;
    this.#others = this.original;
    this.ours = make(this);
  }

  get others(): Kind {
    // Somebody who had put theirs there has put the whole property back.
    if (this.#others !== this.original && this.#property?.value === this.ours) this.#others = this.original;
    return this.#others;
  }

  /** `isInNode` says who is looking. The returned function gives back what the others have made of it. */
  install(isInNode: () => boolean): () => void {
    const own = this.#property;
    if (own?.configurable !== true) return () => undefined;
    const get = (): Kind => (this.#others === this.original || isInNode() ? this.ours : this.#others);
    const { enumerable = false } = own;
    const shared = { get, set: (given: Kind) => take(given), configurable: true, enumerable };
    const alone = { value: this.ours, writable: true, configurable: true, enumerable };
    const take = (given: Kind): void => {
      this.#others = given === this.ours ? this.original : given;
      const isPlain = this.#form === 'plain' && this.#heldCount === 0 && this.#others === this.original;
      Object.defineProperty(this.#holder, this.#name, isPlain ? alone : shared);
    };
    const takeAgain = (): void => {
      if (this.#property?.get === get) take(this.#others);
      else take(this.#current);
    };
    this.#take = takeAgain;
    take(this.#current);
    return () => {
      this.#take = undefined;
      const others = this.#others;
      this.#others = this.original;
      const now = this.#property;
      if (now?.get !== get && now?.value !== this.ours) return;
      Object.defineProperty(this.#holder, this.#name, own);
      if (this.#current !== others) this.#current = others;
    };
  }

  /** Takes over what somebody has put in place of the plain property since. */
  look(): void {
    const value: unknown = this.#property?.value;
    if (value !== undefined && value !== this.ours) this.#take?.();
  }

  /** Looks all the time, until the returned function is called. */
  hold(): () => void {
    this.#heldCount += 1;
    this.#take?.();
    return () => {
      this.#heldCount -= 1;
      this.#take?.();
    };
  }

  get #property(): PropertyDescriptor | undefined {
    return Object.getOwnPropertyDescriptor(this.#holder, this.#name);
  }

  get #current(): Kind {
    return (this.#holder as Record<string, Kind>)[this.#name] as Kind;
  }
  set #current(value: Kind) {
    (this.#holder as Record<string, Kind>)[this.#name] = value;
  }
}
