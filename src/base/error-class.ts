// The classes of errors that a journal keeps: those of the language and the platform. A class of the user's or of a
// library is not kept: the process that reads the journal back may not have it.

import { types } from 'node:util';

export type ErrorClass =
  | 'Error'
  | 'EvalError'
  | 'RangeError'
  | 'ReferenceError'
  | 'SyntaxError'
  | 'TypeError'
  | 'URIError'
  | 'AggregateError'
  | 'SuppressedError'
  | 'DOMException';

/** Names that say their class: an error with such a name and no other mark is an instance of that class. */
const namesOfClasses: ReadonlySet<string> = new Set<ErrorClass>([
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
]);

/** Own properties of a class that are not enumerable, so that they do not count as fields. */
const ownParts: { readonly [name: string]: readonly string[] } = {
  AggregateError: ['errors'],
  SuppressedError: ['error', 'suppressed'],
};

export function ownPartsOf(className: ErrorClass): readonly string[] {
  return Object.hasOwn(ownParts, className) ? (ownParts[className] as readonly string[]) : [];
}

export function isErrorClass(name: string): name is ErrorClass {
  return namesOfClasses.has(name) || name === 'DOMException';
}

/** The class that an error of this name has unless something else is said. */
export function impliedClass(name: string): ErrorClass {
  return namesOfClasses.has(name) ? (name as ErrorClass) : 'Error';
}

interface ErrorConstructor {
  readonly prototype: Error;
}

/** The class in this realm. Older versions of Node lack some. */
function inThisRealm(className: string): ErrorConstructor | undefined {
  return (globalThis as unknown as { readonly [name: string]: ErrorConstructor | undefined })[className];
}

/** Whether it is an error of this realm or of another one. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/**
 * What was thrown, or an error in its place if it cannot be read: a look at a revoked proxy throws, `instanceof` included,
 * and so may a getter.
 */
export function readable(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null) return thrown;
  try {
    Object.getPrototypeOf(thrown);
    for (const part of ['name', 'message', 'cause']) Reflect.get(thrown, part);
    return thrown;
  } catch {
    const error = new Error('what was thrown cannot be read');
    // It has no frames of its own, and these would be of the code that caught it.
    Object.defineProperties(error, { name: { value: 'NonError' }, stack: { value: `NonError: ${error.message}` } });
    return error;
  }
}

/** The class of an error; `Error` for every class that is not kept. */
export function classOf(error: Error): ErrorClass {
  try {
    const prototype: object | null = Object.getPrototypeOf(error);
    const made: unknown =
      prototype !== null && Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined;
    // Errors that Node throws have prototypes of their own, whose constructor is a class of the language all the same.
    const name = typeof made === 'function' ? nameOfClass(made) : undefined;
    return name !== undefined && isErrorClass(name) ? name : 'Error';
  } catch {
    // It runs code of the user where the error is a proxy, or its class has a getter.
    return 'Error';
  }
}

/** By identity in this realm. The classes of other realms are told by their source text, which a user's class never has. */
function nameOfClass(made: { readonly name: string }): string | undefined {
  const { name } = made;
  if (typeof name !== 'string' || !isErrorClass(name)) return undefined;
  if (inThisRealm(name) === (made as unknown)) return name;
  return Function.prototype.toString.call(made) === `function ${name}() { [native code] }` ? name : undefined;
}

/** An error of a class, without fields; its `stack` and what `ownPartsOf` names are still to be set. */
export function newError(
  className: ErrorClass,
  name: string,
  message: string,
  options: ErrorOptions | undefined,
): Error {
  // The types know only its older form, with a name.
  if (className === 'DOMException') return new DOMException(message, { ...options, name } as unknown as string);
  const error = new Error(message, options);
  const prototype = inThisRealm(className)?.prototype ?? Error.prototype;
  if (prototype !== Error.prototype) Object.setPrototypeOf(error, prototype);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name });
  return error;
}
