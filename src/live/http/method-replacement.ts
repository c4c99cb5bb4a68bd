type Method = (...given: unknown[]) => unknown;

/** Replaces a method of one object. The replacement gets the bound original as its first argument. */
export function replaceMethod(
  target: object,
  name: string,
  replacement: (original: Method, ...given: unknown[]) => unknown,
): void {
  const original = (target as Record<string, Method>)[name] as Method;
  const bound: Method = (...given) => original.apply(target, given);
  const value: Method = (...given) => replacement(bound, ...given);
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
}
