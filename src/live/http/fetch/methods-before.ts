// Methods of ours before those of the class of an object: its prototype gets one of ours in front. All objects of a class
// share it, so it costs one of them next to nothing.
export type Method<This> = (this: This, ...given: unknown[]) => unknown;
export type Methods<This> = Record<PropertyKey, Method<This>>;

/** `native` finds the method of the class. */
export type MakeMethods<This> = (native: (name: string) => Method<This>) => Methods<This>;

export class MethodsBefore<This extends object> {
  readonly #make: MakeMethods<This>;
  readonly #prototypes = new WeakMap<object, object>();

  constructor(make: MakeMethods<This>) {
    this.#make = make;
  }

  putBefore(target: This): void {
    const native = Object.getPrototypeOf(target) as object;
    let ours = this.#prototypes.get(native);
    if (ours === undefined) {
      ours = this.#madeBefore(native);
      this.#prototypes.set(native, ours);
    }
    Object.setPrototypeOf(target, ours);
  }

  #madeBefore(native: object): object {
    const ours = Object.create(native) as object;
    const methods = this.#make((name) => (native as Record<string, Method<This>>)[name] as Method<This>);
    for (const name of Reflect.ownKeys(methods))
      Object.defineProperty(ours, name, { value: methods[name], configurable: true, writable: true });
    return ours;
  }
}
