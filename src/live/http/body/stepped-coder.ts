// A coder of node:zlib that takes a body step by step and gives what comes of each step at once. Node offers its coders
// as streams, which answer later, and as functions, which take a whole body.
import type { Transform } from 'node:stream';

/** What every coder of node:zlib is made of: there since the first versions of Node, and what `minizlib` is built on. */
interface Internals extends Transform {
  _handle: { close: () => void };
  _processChunk(bytes: Uint8Array, flush: number): Uint8Array;
}

const nothing = (): void => undefined;

export class SteppedCoder {
  readonly #stream: Internals;
  readonly #handle: Internals['_handle'];
  readonly #closeHandle: () => void;

  constructor(stream: Transform) {
    this.#stream = stream as Internals;
    // A step that fails throws, and is emitted as well.
    stream.on('error', () => undefined);
    this.#handle = this.#stream._handle;
    this.#closeHandle = this.#handle.close;
    // A coder closes itself after its first chunk.
    this.#handle.close = nothing;
  }

  /** @throws the error of zlib for bytes that cannot be decoded */
  step(bytes: Uint8Array, flush: number): Uint8Array {
    const given = this.#stream._processChunk(bytes, flush);
    this.#stream._handle = this.#handle;
    // A copy, because the next step writes to the same memory.
    return new Uint8Array(given);
  }

  close(): void {
    this.#handle.close = this.#closeHandle;
    this.#stream._handle = this.#handle;
    this.#stream.destroy();
  }
}
