// Errors of exchanges, on their way into the journal and back.
//   K1. Facts of the machine are left out, so that the same failure is the same in every recording.
//   K2. What comes back has the class that the client's own error had, as far as that class can be had: those of the
//       language and the platform, and the errors of undici, which `instanceof` tells by a brand.
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { isMachineFact } from '../../../journal/error/machine-facts.ts';

type LeavesOut = typeof isMachineFact;
const nothing: LeavesOut = () => false;
/** Copied by themselves, whether they are enumerable or not. */
const ownParts: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** The error of an exchange as the journal keeps it (K1). */
export function recordedError(thrown: unknown): Value {
  // Something else than an error is what the caller aborted with: it is kept as it is, or not at all.
  const kept = thrown instanceof Error ? remade(thrown, isMachineFact) : thrown;
  try {
    return canonicalValue(kept, 'the HTTP error');
  } catch {
    return canonicalValue(new Error(String(thrown)), 'the HTTP error');
  }
}

/** A recorded error as it was thrown (K2): not frozen, because clients set fields on the errors they catch. */
export function thrownError(recorded: Value): Error {
  return recorded instanceof Error ? remade(recorded, nothing) : new TypeError('terminated');
}

/** What a client of undici is told when the connection ends before an answer begins. */
export function connectionReset(): Error {
  const code = 'UND_ERR_SOCKET';
  const error = new (undiciClass('SocketError', code))('other side closed');
  setField(error, 'code', code);
  Object.defineProperty(error, 'name', { value: 'SocketError', configurable: true, writable: true });
  return error;
}

type Fields = Readonly<Record<string, unknown>>;

/** Causes may form a circle, which no journal can hold. */
const causeDepthMax = 20;

function remade(error: Error, leavesOut: LeavesOut, depth = 0): Error {
  const again = (value: unknown): unknown =>
    value instanceof Error && depth < causeDepthMax ? remade(value, leavesOut, depth + 1) : value;
  const options = error.cause === undefined ? undefined : { cause: again(error.cause) };
  const copy = sameClass(error, options);
  const { errors } = error as { readonly errors?: unknown };
  if (Array.isArray(errors)) setField(copy, 'errors', errors.map(again));
  for (const key of keysOf(error)) {
    if (ownParts.has(key)) continue;
    const value = (error as unknown as Fields)[key];
    if (!leavesOut(key, value, error.message)) setField(copy, key, again(value));
  }
  writeAsNode(copy);
  if (copy.name !== error.name)
    Object.defineProperty(copy, 'name', { value: error.name, configurable: true, writable: true });
  return copy;
}

/** In the order in which Node sets them on its own errors: the canonical form has lost it. */
const systemKeys = ['errno', 'code', 'syscall', 'hostname', 'address', 'port'];

function keysOf(error: Error): readonly string[] {
  const keys = Object.keys(error);
  return keys.includes('errno') ? [...new Set([...systemKeys, ...keys])].filter((key) => keys.includes(key)) : keys;
}

/** As Node writes its own errors as a text. Those of OpenSSL are not of these. */
function writeAsNode(error: Error): void {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string' || !/^ERR_(?!SSL_|OSSL_)/.test(code)) return;
  const value = function (this: Error): string {
    return `${this.name} [${code}]: ${this.message}`;
  };
  Object.defineProperty(error, 'toString', { value, configurable: true, writable: true });
  const head = `${error.name}: `;
  if (error.stack?.startsWith(head) === true)
    error.stack = `${error.name} [${code}]: ${error.stack.slice(head.length)}`;
}

function setField(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const platformClasses = new Map<string, ErrorClass>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((kind) => [kind.name, kind]),
);

function sameClass(error: Error, options: ErrorOptions | undefined): Error {
  const { name, message } = error;
  if (error instanceof DOMException) {
    // The types know only the older form, with a name.
    return new DOMException(message, { ...options, name } as unknown as string);
  }
  if (error instanceof AggregateError || name === 'AggregateError') return new AggregateError([], message, options);
  const brand = undiciBrand(error);
  if (brand !== undefined) return new (undiciClass(name, brand))(message, options);
  const known = platformClasses.get(name);
  return known === undefined ? new Error(message, options) : new known(message, options);
}

/** The code of an error of undici. That of its parser has the code of the parser in its place. */
function undiciBrand(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && code.startsWith('UND_ERR')) return code;
  return error.name === 'HTTPParserError' ? 'UND_ERR_HTTP_PARSER' : undefined;
}

const undiciClasses = new Map<string, ErrorClass>();

/** A class like that of undici: its own `instanceof` asks for these brands and not for the class. */
function undiciClass(name: string, code: string): ErrorClass {
  const known = undiciClasses.get(name);
  if (known !== undefined) return known;
  const made = class extends Error {};
  Object.defineProperty(made, 'name', { value: name });
  for (const brand of ['UND_ERR', code]) {
    Object.defineProperty(made.prototype, Symbol.for(`undici.error.${brand}`), { value: true, configurable: true });
  }
  // Names come from a journal: only so many are kept.
  if (undiciClasses.size < undiciClassesMax) undiciClasses.set(name, made);
  return made;
}

const undiciClassesMax = 100;
