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
    this.#hearErrors();
    this.#handle = this.#stream._handle;
    this.#closeHandle = this.#handle.close;
    // A coder closes itself after its first chunk.
    this.#handle.close = nothing;
  }

  /** @throws the error of zlib for bytes that cannot be decoded */
  step(bytes: Uint8Array, flush: number): Uint8Array {
    try {
      // A copy, because the next step writes to the same memory.
      return new Uint8Array(this.#stream._processChunk(bytes, flush));
    } finally {
      this.#stream._handle = this.#handle;
      // Each step adds a listener, and never takes it away.
      this.#stream.removeAllListeners('error');
      this.#hearErrors();
    }
  }

  /** A step that fails throws, and is emitted as well. */
  #hearErrors(): void {
    this.#stream.on('error', nothing);
  }

  close(): void {
    this.#handle.close = this.#closeHandle;
    this.#stream._handle = this.#handle;
    this.#stream.destroy();
  }
}
