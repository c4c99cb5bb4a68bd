// The copies of undici that this process has loaded, as far as they can be found: Node's own, and each one in a package
// that is not part of a bundle. A pool that is busy queues a request and makes it later, in the context of another; here
// its caller's context is kept until then.
import { createRequire } from 'node:module';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { replace } from './method-door.ts';
import type { AnyMethod } from './method-door.ts';
import { allOf } from './outside-door.ts';
import type { OutsideDoor } from './outside-door.ts';

/** Where `fetch` and the packages look up their dispatcher, by version. */
const dispatcherKeys = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];
const dispatcherFile = /[\\/]lib[\\/](?:dispatcher[\\/])?dispatcher-base\.js$/;

export class DispatcherCopies {
  readonly #doors = new Map<object, OutsideDoor>();
  readonly #requestClasses = new WeakSet<object>();
  /** The attempts of a replay whose dispatches are queued, by the options of the dispatch. */
  readonly #queued = new WeakMap<object, CurrentAttempt>();
  #isMade = false;

  constructor() {
    this.#find();
  }

  /** A request was made; if its copy is a new one, that is looked for. */
  requestMade(request: object): void {
    this.#isMade = true;
    if (this.#requestClasses.has(request.constructor)) return;
    this.#requestClasses.add(request.constructor);
    this.#find();
  }

  release(): void {
    allOf([...this.#doors.values()])();
  }

  #find(): void {
    for (const prototype of dispatcherPrototypes()) {
      if (!this.#doors.has(prototype)) this.#doors.set(prototype, this.#keepCaller(prototype));
    }
  }

  #keepCaller(prototype: object): OutsideDoor {
    return replace(prototype, 'dispatch', (original) => {
      const copies = this;
      const door: AnyMethod = function (this: unknown, ...given) {
        return copies.#dispatch(given[0], () => original.apply(this, given));
      };
      return door;
    });
  }

  #dispatch(options: unknown, dispatch: () => unknown): unknown {
    if (typeof options !== 'object' || options === null) return dispatch();
    const caller = this.#queued.get(options) ?? currentAttempt.getStore();
    if (caller?.seal === undefined) return dispatch();
    this.#queued.set(options, caller);
    this.#isMade = false;
    const result = currentAttempt.run(caller, dispatch);
    // Not queued: the next dispatch with the same options may have another caller.
    if (this.#isMade) this.#queued.delete(options);
    return result;
  }
}

function dispatcherPrototypes(): readonly object[] {
  const globals = globalThis as unknown as Record<symbol, object | undefined>;
  const shared = dispatcherKeys.map((key) => ownerOfDispatch(globals[key]));
  const { cache } = createRequire(import.meta.url);
  const loaded = Object.keys(cache)
    .filter((path) => dispatcherFile.test(path))
    .map((path) => ownerOfDispatch((cache[path]?.exports as { readonly prototype?: object } | undefined)?.prototype));
  return [...shared, ...loaded].filter((prototype) => prototype !== undefined);
}

function ownerOfDispatch(from: object | undefined): object | undefined {
  for (
    let holder: object | null = from ?? null;
    holder !== null;
    holder = Object.getPrototypeOf(holder) as object | null
  ) {
    if (Object.hasOwn(holder, 'dispatch')) return holder;
  }
  return undefined;
}
