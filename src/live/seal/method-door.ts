import type { OutsideDoor } from './outside-door.ts';

export type AnyMethod = (this: unknown, ...given: unknown[]) => unknown;

/**
 * Puts a door in front of a method, also of one that is inherited. The returned function takes it away, unless somebody
 * has replaced the method since: then the door stays inside theirs.
 */
export function replace(holder: object, name: string, make: (original: AnyMethod) => AnyMethod): OutsideDoor {
  const methods = holder as Record<string, AnyMethod>;
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const original = methods[name] as AnyMethod | undefined;
  // Other runtimes lack some of what Node has inside.
  if (typeof original !== 'function') return () => undefined;
  const replacement = make(original);
  // Keeps the function's own properties reachable, such as `util.promisify.custom`.
  Object.setPrototypeOf(replacement, original);
  Object.defineProperty(holder, name, {
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
    value: replacement,
  });
  return () => {
    if (methods[name] !== replacement) return;
    if (own === undefined) delete methods[name];
    else Object.defineProperty(holder, name, own);
  };
}
