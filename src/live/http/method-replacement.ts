type Method = (...given: unknown[]) => unknown;

/**
 * Replaces a method of one object. The replacement gets the bound original as its first argument. The returned function
 * restores the original, unless somebody else has replaced the method since.
 */
export function replaceMethod(
  target: object,
  name: string,
  replacement: (original: Method, ...given: unknown[]) => unknown,
): () => void {
  const holder = target as Record<string, Method>;
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original = holder[name] as Method;
  const bound: Method = (...given) => original.apply(target, given);
  const replaced: Method = (...given) => replacement(bound, ...given);
  Object.defineProperty(target, name, { value: replaced, configurable: true, writable: true, enumerable: false });
  return () => {
    if (holder[name] !== replaced) return;
    if (own === undefined) delete holder[name];
    else Object.defineProperty(target, name, own);
  };
}
