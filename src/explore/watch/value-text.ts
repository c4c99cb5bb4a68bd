// A value as a text that changes whenever something in it does. Nothing of the value is called.
import { isAnyArrayBuffer, isProxy } from 'node:util/types';
import type { HiddenSlot } from './inspector.ts';
import { uninitialised } from './inspector.ts';

/** How far one variable is read. */
export const readLimits = { depth: 24, values: 20_000 } as const;

export interface ValueTextOptions {
  readonly hiddenSlots: (value: object) => readonly HiddenSlot[];
  readonly hasHiddenSlots: (fn: object) => boolean;
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

/** Numbers functions as they are met, so that another function in the place of one is a change. */
export class FunctionNumbers {
  readonly #numbers = new WeakMap<object, number>();
  #count = 0;

  of(fn: object): number {
    const known = this.#numbers.get(fn);
    if (known !== undefined) return known;
    this.#count += 1;
    this.#numbers.set(fn, this.#count);
    return this.#count;
  }
}

export function valueText(value: unknown, numbers: FunctionNumbers, options: ValueTextOptions): ValueText {
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

class Writer {
  readonly #numbers: FunctionNumbers;
  readonly #options: ValueTextOptions;
  readonly #seen = new Map<object, number>();
  cut: string | undefined;

  constructor(numbers: FunctionNumbers, options: ValueTextOptions) {
    this.#numbers = numbers;
    this.#options = options;
  }

  write(value: unknown, depth: number): string {
    if (typeof value === 'function') return this.#function(value, depth);
    if (typeof value === 'object' && value !== null) return this.#object(value, depth);
    return primitiveText(value);
  }

  #object(value: object, depth: number): string {
    const seen = this.#seen.get(value);
    if (seen !== undefined) return `↺${seen}`;
    const leaf = leaves.get(value);
    if (leaf !== undefined) return leaf;
    if (!this.#hasRoom(depth)) return '…';
    this.#seen.set(value, this.#seen.size);
    if (isProxy(value)) return `Proxy{${this.#hidden(value, depth)}}`;
    if (Array.isArray(value) && isUsualArray(value)) {
      return `[${value.map((item: unknown) => this.write(item, depth + 1)).join()}]`;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    const name = prototype === Object.prototype || prototype === null ? '' : this.#classOf(prototype as object);
    const parts = this.#own(value, depth);
    const inside = name === '' ? '' : this.#inside(value, depth);
    return `${name}{${inside === '' ? parts : `${parts};${inside}`}}`;
  }

  #function(fn: object, depth: number): string {
    this.#options.onFunction(fn);
    const name = `ƒ${this.#numbers.of(fn)}`;
    if (this.#seen.has(fn) || !this.#hasRoom(depth)) return name;
    this.#seen.set(fn, this.#seen.size);
    if (isProxy(fn)) return `${name}{${this.#hidden(fn, depth)}}`;
    const parts = this.#own(fn, depth, builtInNames);
    const hidden = this.#options.hasHiddenSlots(fn) ? this.#hidden(fn, depth) : '';
    this.#methods(Object.getOwnPropertyDescriptor(fn, 'prototype')?.value);
    return parts === '' && hidden === '' ? name : `${name}{${parts};${hidden}}`;
  }

  #own(value: object, depth: number, without?: ReadonlySet<string>): string {
    const parts: string[] = [];
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'string' && without?.has(key) === true) continue;
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined) continue;
      if (!this.#hasRoom(depth)) return `${parts.join()}…`;
      if ('value' in property) parts.push(`${String(key)}:${this.write(property.value, depth + 1)}`);
      else parts.push(`${String(key)}:${this.#accessor(property)}`);
    }
    return parts.join();
  }

  /** The functions of an accessor may hold something; its value is never asked for. */
  #accessor({ get, set }: PropertyDescriptor): string {
    if (get !== undefined) this.#options.onFunction(get);
    if (set !== undefined) this.#options.onFunction(set);
    return '<accessor>';
  }

  #inside(value: object, depth: number): string {
    if (value instanceof Date) return String(Date.prototype.getTime.call(value));
    if (ArrayBuffer.isView(value)) return bytesText(value);
    if (isAnyArrayBuffer(value)) return bytesText(new Uint8Array(value));
    if (value instanceof RegExp) return RegExp.prototype.toString.call(value);
    return this.#hidden(value, depth);
  }

  #hidden(value: object, depth: number): string {
    return this.#options
      .hiddenSlots(value)
      .map((slot) => `${slot.name}:${this.write(slot.value, depth + 1)}`)
      .join();
  }

  #classOf(prototype: object): string {
    this.#methods(prototype);
    if (isProxy(prototype)) return 'Proxy';
    const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    const name: unknown = typeof made === 'function' ? Object.getOwnPropertyDescriptor(made, 'name')?.value : undefined;
    return typeof name === 'string' && name !== '' ? name : 'Object';
  }

  /** Methods stand on the prototypes, and can reach variables that the object itself does not hold. */
  #methods(prototype: unknown): void {
    let at = prototype;
    while (typeof at === 'object' && at !== null && at !== Object.prototype && !isProxy(at) && !this.#seen.has(at)) {
      this.#seen.set(at, this.#seen.size);
      for (const property of Object.values(Object.getOwnPropertyDescriptors(at))) {
        if (typeof property.value === 'function') this.#options.onMethod(property.value);
        else if (!('value' in property)) {
          for (const accessor of [property.get, property.set])
            if (accessor !== undefined) this.#options.onMethod(accessor);
        }
      }
      at = Object.getPrototypeOf(at);
    }
  }

  #hasRoom(depth: number): boolean {
    if (depth > readLimits.depth) this.cut ??= `deeper than ${readLimits.depth} levels`;
    else if (this.#seen.size > readLimits.values) this.cut ??= `more than ${readLimits.values} values`;
    else return true;
    return false;
  }
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

function bytesText(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
