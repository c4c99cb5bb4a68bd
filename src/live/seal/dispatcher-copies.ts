// The copies of undici that this process has loaded, as far as they can be found: Node's own, and each one in a package
// that is not part of a bundle. A pool that is busy queues a request and makes it later, in the context of another; here
// its caller is kept until then. Callers outside of nodes are kept too, or a node would be blamed for them.
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { prototypesIn } from './loaded-packages.ts';
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
  /** Who made a dispatch that is queued, by its options. */
  readonly #callers = new WeakMap<object, CurrentAttempt | 'nobody'>();
  #isMade = false;

  /** A request was made; if its copy is a new one, that is looked for. */
  requestMade(request: object): void {
    this.#isMade = true;
    if (this.#requestClasses.has(request.constructor)) return;
    this.#requestClasses.add(request.constructor);
    this.find();
  }

  release(): void {
    allOf([...this.#doors.values()])();
  }

  /** Keeps callers of the copies that have been loaded since. */
  find(): void {
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
    const current = currentAttempt.getStore() ?? 'nobody';
    const kept = this.#callers.get(options);
    const caller = kept ?? current;
    this.#isMade = false;
    const result = caller === current ? dispatch() : inContextOf(caller, dispatch);
    // Once it is made the next dispatch with the same options may have another caller. Until then it is queued.
    if (!this.#isMade) this.#callers.set(options, caller);
    else if (kept !== undefined) this.#callers.delete(options);
    return result;
  }
}

function inContextOf<Result>(caller: CurrentAttempt | 'nobody', run: () => Result): Result {
  return caller === 'nobody' ? currentAttempt.exit(run) : currentAttempt.run(caller, run);
}

function dispatcherPrototypes(): readonly object[] {
  const globals = globalThis as unknown as Record<symbol, object | undefined>;
  const shared = dispatcherKeys.map((key) => ownerOfDispatch(globals[key]));
  const loaded = prototypesIn(dispatcherFile).map(ownerOfDispatch);
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
