// How much of the bodies of answers is held in memory until they end and are journaled.
import type { HttpEffectsOptions } from '../options/http-options.ts';

const mebibyte = 1024 * 1024;
const bodyBytesOnDisk = 64 * mebibyte;
const bodyBytesInMemory = 16 * mebibyte;
const heldBytesStandard = 256 * mebibyte;

export interface BodyLimits {
  /** A larger body is not recorded. */
  readonly bodyBytesMax: number;
  readonly held: HeldBytes;
}

/** The bytes of all open bodies of an engine together. */
export class HeldBytes {
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there was room for them. */
  take(count: number): boolean {
    if (this.#count + count > this.#most) return false;
    this.#count += count;
    return true;
  }

  give(count: number): void {
    this.#count -= count;
  }
}

const heldByOptions = new WeakMap<HttpEffectsOptions, HeldBytes>();

/** `isDurable`: the answers go to a store on disk. Exchanges with the same options object share what may be held. */
export function bodyLimits(options: HttpEffectsOptions, isDurable: boolean): BodyLimits {
  let held = heldByOptions.get(options);
  if (held === undefined) {
    held = new HeldBytes(options.maxHeldBytes ?? heldBytesStandard);
    heldByOptions.set(options, held);
  }
  return { bodyBytesMax: options.maxBodyBytes ?? (isDurable ? bodyBytesOnDisk : bodyBytesInMemory), held };
}
