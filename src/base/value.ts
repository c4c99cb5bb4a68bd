// Values: what may cross between a node and the journal, and the copy that is made when it does.
//   Owns:         which values a journal can hold; the canonical, frozen copy.
//   Not its job:  how a copy is encoded (encode.ts).
//   V1. `canonicalValue(v)` equals `decodeValue(encodeValue(v))` for every v that it accepts.
//   V2. A canonical value is deeply frozen, and shares nothing mutable with what the user passed in.
//   V3. A value that is already canonical is returned as is, so a value is copied once however often it crosses.
import { compareCodeUnits, firstOf, inOrder, nameItself } from './compare.ts';
import { RepriseError } from './error.ts';
import { classOf, isError, newError, ownPartsOf } from './error-class.ts';
import type { ErrorClass } from './error-class.ts';
import { Stamp } from './kept-with.ts';
import { isShort, isTooLong, tooDeep, tooLarge, tooLong, unstorable, valueDepthMax } from './value-fault.ts';

/** A canonical value: plain data, deeply frozen. */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | bigint
  | Date
  | Uint8Array
  | Error
  | ReadonlyMap<Value, Value>
  | ReadonlySet<Value>
  | readonly Value[]
  | { readonly [key: string]: Value };

export const valueBytesMax = 16 * 1024 * 1024;
/** Longer texts of errors are cut: they are there to be read. */
export const errorTextMax = 1_000_000;

/**
 * Marks all objects that were made here, since V3 has to recognise them. A private field on the object costs a fraction
 * of a WeakSet, which every decoded object would have to enter and the garbage collector would have to scan.
 */
class Canonical extends Stamp {
  /** Whether there is a byte array inside. It cannot be frozen, so each reader gets a copy (see `own-view.ts`). */
  readonly #hasBytes: boolean;
  /** 0 until computed. */
  #levels = 0;
  constructor(value: object, hasBytes: boolean) {
    super(value);
    this.#hasBytes = hasBytes;
  }
  static has(value: object): boolean {
    return #hasBytes in value;
  }
  static hasBytes(value: object): boolean {
    return #hasBytes in value && value.#hasBytes;
  }
  /** How deep a value is nested. Counted once for each object, since most of what is inside was counted before. */
  static levels(value: Value): number {
    if (typeof value !== 'object' || value === null) return 0;
    if (!(#hasBytes in value)) return 1;
    if (value.#levels === 0) {
      let deepest = 0;
      for (const item of insideOf(value)) deepest = Math.max(deepest, Canonical.levels(item));
      value.#levels = deepest + 1;
    }
    return value.#levels;
  }
}

function insideOf(value: object & Value): Iterable<Value> {
  if (Array.isArray(value)) return value as readonly Value[];
  if (value instanceof Uint8Array || value instanceof Date) return [];
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return value;
  const fields = Object.values(value as { readonly [key: string]: Value });
  if (!(value instanceof Error)) return fields;
  return [...fields, ...Object.values(errorParts(value).own), value.cause as Value];
}

export interface ValueLimits {
  readonly maxBytes: number;
}

/**
 * The canonical copy of a value: what a replay would see in its place.
 *
 * @throws RepriseError `unstorable` with the path of a function, symbol or class instance, or of what throws when it
 *   is read, `value-too-large` beyond `maxBytes`, `value-too-deep` beyond 1,000 levels.
 */
export function canonicalValue(value: unknown, path: string, limits?: ValueLimits): Value {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') throw unstorable(value, path);
    if (typeof value === 'string' && value.length > (limits?.maxBytes ?? valueBytesMax)) {
      throw tooLarge(path, limits?.maxBytes ?? valueBytesMax);
    }
    if (typeof value === 'bigint' && isTooLong(value)) throw tooLong(path);
    return value as Value;
  }
  if (Canonical.has(value)) return value as Value;
  // A copier is kept for the next copy, since small values are copied by the million. A getter of the user's may start
  // another copy meanwhile.
  const copier = idleCopier ?? new Copier();
  idleCopier = undefined;
  const copy = copier.copyWhole(value, path, limits?.maxBytes ?? valueBytesMax);
  idleCopier = copier;
  return copy;
}

/** Never a copier that threw: its path is stale. */
let idleCopier: Copier | undefined;

export function isCanonical(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Canonical.has(value);
}

export function holdsBytes(value: Value): boolean {
  return typeof value === 'object' && value !== null && Canonical.hasBytes(value);
}

/** Freezes an object that our own code built from canonical parts (a merge, a decoder), and marks it as canonical. */
export function adopt<Kind extends object>(value: Kind, hasBytes: boolean): Kind {
  if (Canonical.has(value)) return value;
  // Before it is frozen: the language is about to forbid adding private fields to frozen objects.
  void new Canonical(value, hasBytes);
  return value instanceof Uint8Array ? value : Object.freeze(value);
}

/** A canonical object of canonical parts; keys in canonical order. */
export function canonicalRecord(entries: Iterable<readonly [string, Value]>): { readonly [key: string]: Value } {
  const record: Record<string, Value> = {};
  let hasBytes = false;
  for (const [key, item] of inOrder([...entries], firstOf)) {
    hasBytes ||= holdsBytes(item);
    setOwn(record, key, item);
  }
  return adopt(record, hasBytes);
}

export function canonicalList(items: readonly Value[]): readonly Value[] {
  return adopt(items, items.some(holdsBytes));
}

/** Sets an own data property, whatever its name: `record.__proto__ = x` would set the prototype instead. */
export function setOwn(record: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  } else {
    (record as Record<string, unknown>)[key] = value;
  }
}

export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  // An object from another realm has another Object.prototype, whose prototype is null as well.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Down to this depth, ancestors are searched one by one for a value that contains itself. */
const shallowDepthMax = 16;

class Copier {
  #path = '';
  #bytesMax = 0;
  #bytes = 0;
  /** False for our own wrappers of values that were checked when they came in: those may be a few levels deeper. */
  #isLimited = true;
  /** The keys from the root to the value being copied. Joined only if an error needs them. */
  readonly #trail: (string | number)[] = [];
  /** The objects from the root to the value being copied. */
  readonly #ancestors: object[] = [];
  /** Those of them that are deeper. A set for all of them would cost more than the rest of a small copy. */
  readonly #deepAncestors = new Set<object>();

  /** Reading the value may run user code: a getter, a trap of a proxy, an object that only looks like a Map. */
  copyWhole(value: object, path: string, bytesMax: number): Value {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#isLimited = Number.isFinite(bytesMax);
    this.#bytes = 0;
    try {
      return this.copy(value, 0);
    } catch (thrown) {
      if (thrown instanceof RepriseError) throw thrown;
      throw unstorable(value, this.#where(), 'a value that throws as it is read', thrown);
    }
  }

  copy(value: unknown, depth: number): Value {
    switch (typeof value) {
      case 'string':
        this.#count(value.length);
        return value;
      case 'bigint':
        if (isTooLong(value)) throw tooLong(this.#where());
        this.#count(isShort(value) ? 8 : value.toString(16).length);
        return value;
      case 'function':
      case 'symbol':
        throw unstorable(value, this.#where());
      case 'object':
        if (value === null) return value;
        if (!Canonical.has(value)) return this.#copyObject(value, depth);
        // A state that wraps its earlier self grows by a level each step, although no deep value is ever passed in.
        if (this.#isLimited && depth + Canonical.levels(value as Value) - 1 > valueDepthMax)
          throw tooDeep(this.#where());
        return value as Value;
      default:
        this.#count(8);
        return value as Value;
    }
  }

  #copyObject(value: object, depth: number): Value {
    if (depth > valueDepthMax) throw tooDeep(this.#where());
    if (this.#isAncestor(value)) throw unstorable(value, this.#where(), 'a value that contains itself');
    this.#count(8);
    const { length } = this.#ancestors;
    this.#ancestors.push(value);
    if (length >= shallowDepthMax) this.#deepAncestors.add(value);
    const copied = this.#copyByKind(value, depth + 1);
    this.#leave(length);
    return copied;
  }

  #isAncestor(value: object): boolean {
    const { length } = this.#ancestors;
    for (let level = 0; level < length && level < shallowDepthMax; level += 1)
      if (this.#ancestors[level] === value) return true;
    return length > shallowDepthMax && this.#deepAncestors.has(value);
  }

  /** Drops ancestors until `length` of them are left. */
  #leave(length: number): void {
    while (this.#ancestors.length > length) {
      const value = this.#ancestors.pop() as object;
      if (this.#ancestors.length >= shallowDepthMax) this.#deepAncestors.delete(value);
    }
  }

  #copyByKind(value: object, depth: number): Value {
    if (Array.isArray(value)) return this.#copyList(value, depth);
    if (value instanceof Date) return frozenDate(value.getTime());
    if (value instanceof Uint8Array) {
      this.#count(value.byteLength);
      return frozenBytes(value);
    }
    if (value instanceof Map) return this.#copyMap(value, depth);
    if (value instanceof Set) return this.#copySet(value, depth);
    if (isError(value)) return this.#copyError(value, depth);
    if (isPlainObject(value)) return this.#copyRecord(value, depth);
    throw unstorable(value, this.#where());
  }

  #copyList(list: readonly unknown[], depth: number): Value {
    const items: Value[] = [];
    for (let index = 0; index < list.length; index += 1) {
      this.#trail.push(index);
      items.push(this.copy(list[index], depth));
      this.#trail.pop();
    }
    return canonicalList(items);
  }

  #copyRecord(value: object, depth: number): Value {
    const record: Record<string, Value> = {};
    let hasBytes = false;
    for (const key of inOrder(Object.keys(value), nameItself)) {
      this.#trail.push(key);
      this.#count(key.length);
      const item = this.copy((value as Record<string, unknown>)[key], depth);
      this.#trail.pop();
      hasBytes ||= holdsBytes(item);
      setOwn(record, key, item);
    }
    return adopt(record, hasBytes);
  }

  #copyMap(map: ReadonlyMap<unknown, unknown>, depth: number): Value {
    const entries: [Value, Value][] = [];
    for (const [key, item] of map) {
      this.#trail.push(entries.length);
      entries.push([this.copy(key, depth), this.copy(item, depth)]);
      this.#trail.pop();
    }
    return frozenMap(entries);
  }

  #copySet(set: ReadonlySet<unknown>, depth: number): Value {
    const items: Value[] = [];
    for (const item of set) {
      this.#trail.push(items.length);
      items.push(this.copy(item, depth));
      this.#trail.pop();
    }
    return frozenSet(items);
  }

  #copyError(error: Error, depth: number): Value {
    const parts: Record<string, Value> = {};
    const className = classOf(error);
    const ownNames = ownPartsOf(className);
    for (const key of Object.keys(error).sort(compareCodeUnits)) {
      if (errorOwnKeys.has(key) || ownNames.includes(key)) continue;
      this.#trail.push(key);
      // Extra fields of an error (a client's headers, a socket) are details. Those that cannot be kept are dropped:
      // throwing here would replace the user's error with ours.
      const item = this.#copyOrDrop(() => (error as unknown as Record<string, unknown>)[key], depth);
      this.#trail.pop();
      if (item !== dropped) setOwn(parts, key, item);
    }
    const own: Record<string, Value> = {};
    for (const part of ownNames) {
      const item = this.#copyOwnPart(error, part, depth);
      if (item !== dropped) own[part] = item;
    }
    const cause = this.#copyOrDrop(() => error.cause, depth);
    return frozenError({
      className,
      name: textOf(() => error.name),
      message: textOf(() => error.message),
      fields: parts,
      own,
      ...(cause === undefined || cause === dropped ? {} : { cause }),
    });
  }

  #copyOwnPart(error: Error, part: string, depth: number): Value | typeof dropped {
    const read = (): unknown => (error as unknown as Record<string, unknown>)[part];
    if (part !== 'errors') return this.#copyOrDrop(read, depth);
    let errors: readonly unknown[];
    try {
      errors = [...(read() as Iterable<unknown>)];
    } catch {
      return dropped;
    }
    // One of them that cannot be kept leaves its place: which of several failed may matter.
    const kept = errors.map((item) => this.#copyOrDrop(() => item, depth));
    return canonicalList(kept.map((item) => (item === dropped ? undefined : item)));
  }

  #copyOrDrop(read: () => unknown, depth: number): Value | typeof dropped {
    const trailLength = this.#trail.length;
    const ancestorCount = this.#ancestors.length;
    try {
      return this.copy(read(), depth);
    } catch {
      this.#trail.length = trailLength;
      this.#leave(ancestorCount);
      return dropped;
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) throw tooLarge(this.#where(), this.#bytesMax);
  }

  #where(): string {
    return this.#trail.reduce<string>(
      (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`),
      this.#path,
    );
  }
}

const dropped: unique symbol = Symbol('dropped');
const errorOwnKeys = new Set(['name', 'message', 'stack', 'cause']);

/** A text of an error. If it cannot be read, the error it belongs to still has to be reported. */
function textOf(read: () => unknown): string {
  try {
    return String(read());
  } catch {
    return 'unreadable';
  }
}

function refuseMutation(): never {
  throw new TypeError('Cannot change this value: it is part of the state of a run, which is frozen');
}

export function frozenDate(time: number): Date {
  const date = new Date(time);
  for (const name of dateMutators) Object.defineProperty(date, name, { value: refuseMutation });
  return adopt(date, false);
}
const dateMutators = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'));

export function frozenMap(entries: readonly (readonly [Value, Value])[]): ReadonlyMap<Value, Value> {
  const map = new Map(entries);
  for (const name of ['set', 'delete', 'clear'] as const) Object.defineProperty(map, name, { value: refuseMutation });
  const hasBytes = entries.some(([key, item]) => holdsBytes(key) || holdsBytes(item));
  return adopt(map, hasBytes);
}

export function frozenSet(items: readonly Value[]): ReadonlySet<Value> {
  const set = new Set(items);
  for (const name of ['add', 'delete', 'clear'] as const) Object.defineProperty(set, name, { value: refuseMutation });
  return adopt(set, items.some(holdsBytes));
}

export function frozenBytes(bytes: Uint8Array): Uint8Array {
  return adopt(new Uint8Array(bytes), true);
}

export interface ErrorParts {
  readonly className: ErrorClass;
  readonly name: string;
  readonly message: string;
  /** Own enumerable properties. */
  readonly fields: Readonly<Record<string, Value>>;
  /** The properties that its class gives it, such as `errors`. */
  readonly own: Readonly<Record<string, Value>>;
  readonly cause?: Value;
}

/** An error as a journal keeps it. Of its stack there is the first line: the frames are observed, not part of the value. */
export function frozenError(parts: Partial<ErrorParts> & Pick<ErrorParts, 'name' | 'message' | 'fields'>): Error {
  const error = errorOf({ className: 'Error', own: {}, ...parts }, '');
  return adopt(error, [...Object.values(parts.fields), ...Object.values(parts.own ?? {})].some(holdsBytes));
}

/** `frames`: the lines of its stack below the first, each with a line break before it. */
export function errorOf(parts: ErrorParts, frames: string): Error {
  const name = cutText(parts.name);
  const message = cutText(parts.message);
  const error = newError(parts.className, name, message, 'cause' in parts ? { cause: parts.cause } : undefined);
  for (const key of Object.keys(parts.own)) define(error, key, parts.own[key], false);
  define(error, 'stack', (message === '' ? name : `${name}: ${message}`) + frames, false);
  // Not by assignment: a class may have a getter of that name.
  for (const key of Object.keys(parts.fields).sort(compareCodeUnits)) define(error, key, parts.fields[key], true);
  return error;
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

function cutText(text: string): string {
  return text.length <= errorTextMax ? text : `${text.slice(0, errorTextMax - 1)}…`;
}

export function errorParts(error: Error): ErrorParts {
  const fields: Record<string, Value> = {};
  for (const key of Object.keys(error)) {
    if (!errorOwnKeys.has(key)) setOwn(fields, key, (error as unknown as Record<string, Value>)[key]);
  }
  const className = classOf(error);
  const own: Record<string, Value> = {};
  for (const part of ownPartsOf(className)) {
    if (Object.hasOwn(error, part) && !Object.hasOwn(fields, part))
      own[part] = (error as unknown as Record<string, Value>)[part];
  }
  const cause = error.cause as Value;
  const { name, message } = error;
  return { className, name, message, fields, own, ...(cause === undefined ? {} : { cause }) };
}
