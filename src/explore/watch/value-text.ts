// A value as a text that changes whenever something in it does. Nothing of the value is called.
import { hash, Hash, Hmac, Sign, Verify } from 'node:crypto';
import { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { isAnyArrayBuffer, isGeneratorObject, isProxy, isTypedArray } from 'node:util/types';
import {
  realClearImmediate,
  realClearTimeout,
  realSetImmediate,
  realSetTimeout,
} from '../../live/event-loop/real-timers.ts';
import type { HiddenSlot } from './hidden-slot.ts';
import { uninitialised } from './inspector.ts';

/** How far one variable is read. */
export const readLimits = { depth: 24, values: 20_000 } as const;

const bytesShownMax = 1_000;

export interface ValueTextOptions {
  readonly hiddenSlots: (value: object) => readonly HiddenSlot[];
  readonly hasHiddenSlots: (fn: object) => boolean;
  /** Whether a function is the user's: then a class is read with all that it holds, wherever an instance leads to it. */
  readonly isUsers: (fn: object) => boolean;
  /** Called with each function that the value holds. */
  readonly onFunction: (fn: object) => void;
  /** Called with each function that stands on the prototype of something it holds. */
  readonly onMethod: (fn: object) => void;
}

export interface ValueText {
  readonly text: string;
  /** Why it was not read to its end. */
  readonly cut?: string;
}

/**
 * Numbers objects, functions and symbols as they are met: another one in the place of one is a change, however alike they are,
 * since code may compare them (`latest === mine`).
 */
export class Identities {
  readonly #numbers = new WeakMap<WeakKey, number>();
  #count = 0;

  of(value: WeakKey): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#count += 1;
    this.#numbers.set(value, this.#count);
    return this.#count;
  }
}

export function valueText(value: unknown, numbers: Identities, options: ValueTextOptions): ValueText {
  const writer = new Writer(numbers, options);
  const text = writer.write(value, 0);
  return writer.cut === undefined ? { text } : { text, cut: writer.cut };
}

const builtInNames = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

/** What is read by itself, or belongs to the language. A variable that holds one of them holds none of its state. */
const leaves = new Map<object, string>([
  [globalThis, 'globalThis'],
  [process, 'process'],
  [console, 'console'],
]);

/** How Node chains its timers, and when it started one: neither is a state of the program. */
const chainOfTimers = new Set(['_idleNext', '_idlePrev', '_idleStart']);
const timerPrototypes = ((): ReadonlySet<unknown> => {
  const [timeout, immediate] = [realSetTimeout(() => undefined), realSetImmediate(() => undefined)];
  realClearTimeout(timeout);
  realClearImmediate(immediate);
  return new Set([timeout, immediate].map((timer) => Object.getPrototypeOf(timer) as unknown));
})();

const nativeCut = 'state of native code, which cannot be read';
const iteratorCut = 'an iterator, whose place cannot be read';

/** Types of TypeScript 5 do not know it. */
const { Iterator: iterators } = globalThis as unknown as {
  Iterator: { from(own: object): { map(to: object): object } };
};

/** Iterators of the language that keep where they stand to themselves. */
const closedIterators = new Set<unknown>(
  [
    [].values(),
    ''[Symbol.iterator](),
    ''.matchAll(/./g),
    iterators.from([].values()).map(String),
    iterators.from({ next: String }),
  ].map((iterator) => Object.getPrototypeOf(iterator) as unknown),
);

/** Of these, all that counts is kept outside of the language. */
const prototypesOfNative = new Set<unknown>(
  [Hash, Hmac, Sign, Verify, MessagePort, BroadcastChannel].map(({ prototype }) => prototype),
);

/** Classes of the language itself: what their instances keep is read, or never changes. */
const knownClasses = new Set<unknown>(
  valuesOf(globalThis).flatMap((value) => (value === WebAssembly ? [] : [value, ...valuesOf(value)])),
);

function valuesOf(holder: unknown): readonly unknown[] {
  if (typeof holder !== 'object' || holder === null) return [];
  return Object.values(Object.getOwnPropertyDescriptors(holder)).map(({ value }) => value as unknown);
}

/** Of Node: they never change. */
const unchanging = /^(?:.*KeyObjectHandle|SecureContext|X509Certificate)$/;

/** Whether instances of the class are made by native code, which keeps to itself what is in them. */
function isNative(made: object): boolean {
  if (knownClasses.has(made) || isProxy(made)) return false;
  if (!/^(?:class|function) [^(){]*\(\) \{ \[native code\] \}$/.test(Function.prototype.toString.call(made)))
    return false;
  const name: unknown = Object.getOwnPropertyDescriptor(made, 'name')?.value;
  return typeof name === 'string' && !name.startsWith('bound ') && !unchanging.test(name);
}

class Writer {
  readonly #numbers: Identities;
  readonly #options: ValueTextOptions;
  readonly #seen = new Map<object, number>();
  cut: string | undefined;

  constructor(numbers: Identities, options: ValueTextOptions) {
    this.#numbers = numbers;
    this.#options = options;
  }

  write(value: unknown, depth: number): string {
    if (typeof value === 'function') return this.#function(value, depth);
    if (typeof value === 'object' && value !== null) return this.#object(value, depth);
    return typeof value === 'symbol' && value !== uninitialised ? this.#symbol(value) : primitiveText(value);
  }

  #object(value: object, depth: number): string {
    const seen = this.#seen.get(value);
    if (seen !== undefined) return `↺${seen}`;
    const leaf = leaves.get(value);
    if (leaf !== undefined) return leaf;
    if (!this.#hasRoom(depth)) return '…';
    this.#seen.set(value, this.#seen.size);
    const number = this.#numbers.of(value);
    if (isProxy(value)) return `Proxy${number}{${this.#hidden(value, depth)}}`;
    const mark = Object.isExtensible(value) ? number : `${number}!`;
    if (Array.isArray(value) && isUsualArray(value)) {
      return `${mark}[${value.map((item: unknown) => this.write(item, depth + 1)).join()}]`;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    const name = prototype === Object.prototype || prototype === null ? '' : this.#classOf(prototype as object, depth);
    if (closedIterators.has(prototype)) this.cut ??= iteratorCut;
    if (prototypesOfNative.has(prototype)) this.cut ??= nativeCut;
    // Each number of a typed array is a property.
    const isLong = isTypedArray(value) && value.length > bytesShownMax;
    const parts = isLong ? '' : this.#own(value, depth, timerPrototypes.has(prototype) ? chainOfTimers : undefined);
    const inside = name === '' ? '' : this.#inside(value, depth);
    return `${name}${mark}{${inside === '' ? parts : `${parts};${inside}`}}`;
  }

  #function(fn: object, depth: number): string {
    const name = this.#named(fn);
    if (this.#seen.has(fn) || !this.#hasRoom(depth)) return name;
    this.#seen.set(fn, this.#seen.size);
    if (isProxy(fn)) return `${name}{${this.#hidden(fn, depth)}}`;
    const parts = this.#own(fn, depth, builtInNames);
    const hidden = this.#options.hasHiddenSlots(fn) ? this.#hidden(fn, depth) : '';
    const made = this.#inherited(Object.getOwnPropertyDescriptor(fn, 'prototype')?.value, depth);
    return parts === '' && hidden === '' && made === '' ? name : `${name}{${parts};${hidden};${made}}`;
  }

  #own(value: object, depth: number, without?: ReadonlySet<string>): string {
    const parts: string[] = [];
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'string' && without?.has(key) === true) continue;
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined) continue;
      if (!this.#hasRoom(depth)) return `${parts.join()}…`;
      const name = typeof key === 'symbol' ? this.#symbol(key) : key;
      if ('value' in property) parts.push(`${name}:${this.write(property.value, depth + 1)}`);
      else parts.push(`${name}:${this.#accessor(property)}`);
    }
    return parts.join();
  }

  /** One that `Symbol.for` has made is the same everywhere. */
  #symbol(symbol: symbol): string {
    return Symbol.keyFor(symbol) === undefined
      ? `${String(symbol)}${this.#numbers.of(symbol as WeakKey)}`
      : String(symbol);
  }

  /** The functions of an accessor may hold something; its value is never asked for. */
  #accessor({ get, set }: PropertyDescriptor, onFunction = this.#options.onFunction): string {
    return `<${[get, set].map((fn) => (fn === undefined ? '' : this.#named(fn, onFunction))).join()}>`;
  }

  #inside(value: object, depth: number): string {
    if (value instanceof Date) return String(Date.prototype.getTime.call(value));
    if (ArrayBuffer.isView(value)) return bytesText(value);
    if (isAnyArrayBuffer(value)) return bytesText(new Uint8Array(value));
    if (value instanceof RegExp) return RegExp.prototype.toString.call(value);
    return this.#hidden(value, depth);
  }

  #hidden(value: object, depth: number): string {
    const slots = this.#options.hiddenSlots(value);
    // Its variables are read, but neither where its loops stand nor what it has handed over to another one.
    if (isGeneratorObject(value) && !slots.some(isClosed)) this.cut ??= iteratorCut;
    return slots.map((slot) => `${slot.name}:${this.write(slot.value, depth + 1)}`).join();
  }

  #classOf(prototype: object, depth: number): string {
    const inherited = this.#inherited(prototype, depth);
    if (isProxy(prototype)) return 'Proxy';
    const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof made === 'function' && isNative(made)) this.cut ??= nativeCut;
    const name: unknown = typeof made === 'function' ? Object.getOwnPropertyDescriptor(made, 'name')?.value : undefined;
    const text = typeof name === 'string' && name !== '' ? name : 'Object';
    return `${text}${this.#numbers.of(prototype)}${inherited === '' ? '' : `<${inherited}>`}`;
  }

  /**
   * What stands on the prototypes: methods, which can reach variables that the object itself does not hold, and values that
   * all instances share.
   */
  #inherited(prototype: unknown, depth: number): string {
    const parts: string[] = [];
    let at = prototype;
    while (typeof at === 'object' && at !== null && at !== Object.prototype && !isProxy(at) && !this.#seen.has(at)) {
      if (!this.#hasRoom(depth)) break;
      this.#seen.set(at, this.#seen.size);
      for (const key of Reflect.ownKeys(at)) {
        const property = Object.getOwnPropertyDescriptor(at, key);
        if (property === undefined) continue;
        if (!('value' in property)) parts.push(this.#accessor(property, this.#options.onMethod));
        else if (typeof property.value !== 'function') parts.push(this.write(property.value, depth + 1));
        else if (this.#options.isUsers(property.value)) parts.push(this.#function(property.value, depth + 1));
        else parts.push(this.#named(property.value, this.#options.onMethod));
      }
      at = Object.getPrototypeOf(at);
    }
    return parts.join();
  }

  #named(fn: object, onFunction = this.#options.onFunction): string {
    onFunction(fn);
    return `ƒ${this.#numbers.of(fn)}`;
  }

  #hasRoom(depth: number): boolean {
    if (depth > readLimits.depth) this.cut ??= `deeper than ${readLimits.depth} levels`;
    else if (this.#seen.size > readLimits.values) this.cut ??= `more than ${readLimits.values} values`;
    else return true;
    return false;
  }
}

function isClosed({ name, value }: HiddenSlot): boolean {
  return name === '[[GeneratorState]]' && value === 'closed';
}

function primitiveText(value: unknown): string {
  if (value === uninitialised) return '<uninitialised>';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** An array without holes or further properties: all of it is in its items. */
function isUsualArray(value: readonly unknown[]): boolean {
  return Object.getPrototypeOf(value) === Array.prototype && Object.keys(value).length === value.length;
}

/** Of a model or an index of embeddings only a digest is kept for each look. */
function bytesText(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return bytes.byteLength <= bytesShownMax ? bytes.toString('base64') : hash('sha256', bytes);
}
