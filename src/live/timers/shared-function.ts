// One global function that nodes, the tests around them and a test's fake timers share.
import { attemptNow } from './set-by-nodes.ts';

/** What our functions call. Fake timers that leave after us put ours back, and ours must not be replaced by ours again. */
export const originals = new WeakMap<object, object>();

export function originalOf<Found extends object>(found: Found): Found {
  return (originals.get(found) as Found | undefined) ?? found;
}

/**
 * A global function. The fake timers of a test may stand there before ours, or come and go meanwhile: ours calls theirs.
 *
 * They give back either the function that they found or the whole property. So the property has two forms, and the first
 * one says that nobody else's function is there.
 */
export class SharedFunction<Kind extends (...given: never[]) => unknown> {
  readonly name: string;
  readonly replacement: Kind;
  readonly #before: Kind;
  /** What stands there for everybody but a node. */
  #others: Kind;
  #isPassingOn = false;
  readonly #alone: PropertyDescriptor;
  readonly #shared: PropertyDescriptor;

  constructor(name: string, make: (others: () => Kind) => Kind) {
    this.name = name;
    const { enumerable = true } = Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor;
    const before = originalOf((globalThis as unknown as Record<string, Kind>)[name] as Kind);
    this.#before = before;
    this.#others = before;
    this.replacement = make(() => (this.#isAlone ? before : this.#passOn));
    originals.set(this.replacement, before);
    for (const key of ['name', 'length'])
      Object.defineProperty(this.replacement, key, { value: before[key as never], configurable: true });
    // Fake timers that were there first find on ours what they left on theirs, or they would delete the global.
    Object.setPrototypeOf(this.replacement, before);
    const set = (given: Kind): void => {
      this.#others = given === this.replacement ? before : given;
      Object.defineProperty(globalThis, name, this.#others === before ? this.#alone : this.#shared);
    };
    this.#alone = { configurable: true, enumerable, get: () => this.replacement, set };
    // Fake timers look at what they put there, and add to it. They do so outside of nodes.
    const seen = (): Kind => (attemptNow() === undefined ? this.#others : this.replacement);
    this.#shared = { configurable: true, enumerable, get: seen, set };
    Object.defineProperty(globalThis, name, this.#alone);
  }

  get #isAlone(): boolean {
    if (this.#others === this.#before) return true;
    return Object.getOwnPropertyDescriptor(globalThis, this.name)?.get === this.#alone.get;
  }

  /** Fake timers give what is not theirs to what they found there. That may be ours: then it is for what was there before. */
  readonly #passOn = ((...given: never[]): unknown => {
    if (this.#isPassingOn) return this.#before(...given);
    this.#isPassingOn = true;
    try {
      return this.#others(...given);
    } finally {
      this.#isPassingOn = false;
    }
  }) as Kind;

  giveBack(): void {
    const { get, enumerable = true } = Object.getOwnPropertyDescriptor(globalThis, this.name) ?? {};
    // Else somebody has put the whole property back as it was before ours.
    if (get === this.#alone.get || get === this.#shared.get) {
      const value = get === this.#alone.get ? this.#before : this.#others;
      Object.defineProperty(globalThis, this.name, { configurable: true, enumerable, writable: true, value });
    }
    this.#others = this.#before;
  }
}

export function replaceIn(holder: object, name: string, replacement: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const put = (descriptor: PropertyDescriptor): unknown => Object.defineProperty(holder, name, descriptor);
  put({ configurable: true, enumerable: own?.enumerable ?? true, writable: true, value: replacement });
  return () => {
    if ((holder as Record<string, unknown>)[name] !== replacement) return;
    if (own === undefined) delete (holder as Record<string, unknown>)[name];
    else put(own);
  };
}
