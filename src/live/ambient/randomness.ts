// The sources of randomness: `Math.random`, `node:crypto` and `globalThis.crypto`. Each is called first, so that it throws
// what it throws, and what it drew is kept or replaced.
import nodeCrypto from 'node:crypto';
import {
  mathRandom,
  randomBytes as bytesSource,
  randomInt as intSource,
  randomUuid,
  randomUuidV7,
} from '../../journal/ambient/random-source.ts';
import { readsNow } from './reads-now.ts';
import { replaceProperty } from './replacement.ts';

type Anything = (this: unknown, ...given: unknown[]) => unknown;
type Callback = (error: null, value: unknown) => void;
type Memory = ArrayBuffer | SharedArrayBuffer | NodeJS.ArrayBufferView;

// Captured at load: a test may have replaced it when a value is given to a callback.
const { setImmediate: nextTurn } = globalThis;

const drawUuid =
  (source: string) =>
  (original: Anything): Anything =>
    function randomUUID(...given) {
      const reads = readsNow();
      if (reads === undefined) return original.apply(this, given);
      return reads.draw(source, () => original.apply(this, given) as string);
    };

const drawBytes = (original: Anything): Anything =>
  function randomBytes(size, callback) {
    const reads = readsNow();
    if (reads === undefined) return original.call(this, ...(callback === undefined ? [size] : [size, callback]));
    if (callback !== undefined && typeof callback !== 'function') return original.call(this, size, callback);
    const drawn = original.call(this, size) as Uint8Array;
    return given(Buffer.from(reads.draw(bytesSource(drawn.byteLength), () => drawn)), callback as Callback | undefined);
  };

const fill = (original: Anything): Anything =>
  function randomFillSync(memory, ...range) {
    const reads = readsNow();
    const filled = original.call(this, memory, ...range);
    if (reads !== undefined)
      refill(memory as Memory, range, (drawn) => reads.draw(bytesSource(drawn.byteLength), () => drawn));
    return filled;
  };

const fillLater = (original: Anything): Anything =>
  function randomFill(memory, ...more) {
    const reads = readsNow();
    const callback = more.pop();
    if (reads === undefined || typeof callback !== 'function') return original.call(this, memory, ...more, callback);
    nodeRandomFillSync.call(nodeCrypto, memory, ...more);
    refill(memory as Memory, more, (drawn) => reads.draw(bytesSource(drawn.byteLength), () => drawn));
    return given(memory, callback as Callback);
  };
const nodeRandomFillSync = nodeCrypto.randomFillSync as Anything;

const drawInt = (original: Anything): Anything =>
  function randomInt(...bounds) {
    const reads = readsNow();
    const callback = typeof bounds.at(-1) === 'function' ? (bounds.pop() as Callback) : undefined;
    if (reads === undefined) return original.call(this, ...bounds, ...(callback === undefined ? [] : [callback]));
    const drawn = original.apply(this, bounds) as number;
    const [min, max] = (bounds[1] === undefined ? [0, bounds[0]] : bounds) as [number, number];
    return given(
      reads.draw(intSource(min, max), () => drawn),
      callback,
    );
  };

const fillArray = (original: Anything): Anything =>
  function getRandomValues(array) {
    const reads = readsNow();
    const filled = original.call(this, array);
    if (reads !== undefined)
      refill(array as Memory, [], (drawn) => reads.draw(bytesSource(drawn.byteLength), () => drawn));
    return filled;
  };

/** A value, at once or through a callback. */
function given(value: unknown, callback: Callback | undefined): unknown {
  if (callback === undefined) return value;
  nextTurn(() => callback(null, value));
  return undefined;
}

/** Replaces the random bytes in memory that was just filled. Offset and size count its elements. */
function refill(
  memory: Memory,
  [offset = 0, size]: readonly unknown[],
  redraw: (drawn: Uint8Array) => Uint8Array,
): void {
  const element = (memory as { readonly BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const whole = ArrayBuffer.isView(memory)
    ? new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength)
    : new Uint8Array(memory);
  const start = (offset as number) * element;
  const filled = whole.subarray(start, size === undefined ? undefined : start + (size as number) * element);
  filled.set(redraw(filled));
}

interface Source {
  readonly holder: object;
  readonly name: string;
  readonly replace: (original: Anything) => Anything;
}

const webCryptoPrototype = Object.getPrototypeOf(nodeCrypto.webcrypto) as object;
const sources: readonly Source[] = [
  { holder: nodeCrypto, name: 'randomUUID', replace: drawUuid(randomUuid) },
  { holder: nodeCrypto, name: 'randomUUIDv7', replace: drawUuid(randomUuidV7) },
  { holder: nodeCrypto, name: 'randomBytes', replace: drawBytes },
  { holder: nodeCrypto, name: 'randomFill', replace: fillLater },
  { holder: nodeCrypto, name: 'randomFillSync', replace: fill },
  { holder: nodeCrypto, name: 'randomInt', replace: drawInt },
  { holder: webCryptoPrototype, name: 'randomUUID', replace: drawUuid(randomUuid) },
  // `getRandomValues` of node:crypto calls this one.
  { holder: webCryptoPrototype, name: 'getRandomValues', replace: fillArray },
  {
    holder: Math,
    name: 'random',
    replace: (original) =>
      function random() {
        const reads = readsNow();
        return reads === undefined ? original.call(Math) : reads.draw(mathRandom, () => original.call(Math) as number);
      },
  },
];

export function replaceRandomness(): () => void {
  const restores = sources.flatMap(({ holder, name, replace }) => {
    const original = (holder as Record<string, Anything | undefined>)[name];
    return original === undefined ? [] : [replaceProperty(holder, name, { value: replace(original) })];
  });
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}
