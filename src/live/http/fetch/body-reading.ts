// Ways to read a body other than through a reader, made of a reader.

export type BodyStream = ReadableStream<Uint8Array<ArrayBuffer>>;
export type BodyReader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
type Step = IteratorResult<Uint8Array<ArrayBuffer>, unknown>;

/** Iterates as the iterator of a stream does: one step after the other, and a loop that is left cancels the stream. */
export class BodyIterator {
  readonly #reader: BodyReader;
  readonly #keepsOpen: boolean;
  #lastStep: Promise<Step> | undefined;
  #isDone = false;

  constructor(reader: BodyReader, keepsOpen: boolean) {
    this.#reader = reader;
    this.#keepsOpen = keepsOpen;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return this.#after(() => this.#read());
  }

  return(value?: unknown): Promise<Step> {
    return this.#after(() => this.#leave(value));
  }

  #after(step: () => Promise<Step>): Promise<Step> {
    this.#lastStep = this.#lastStep === undefined ? step() : this.#lastStep.then(step, step);
    return this.#lastStep;
  }

  #read(): Promise<Step> {
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return this.#reader.read().then(
      (part) => {
        if (part.done) this.#end();
        return part as Step;
      },
      (error: unknown) => {
        this.#end();
        throw error;
      },
    );
  }

  async #leave(value: unknown): Promise<Step> {
    if (this.#isDone) return { done: true, value };
    const cancelled = this.#keepsOpen ? undefined : this.#reader.cancel(value);
    this.#end();
    await cancelled;
    return { done: true, value };
  }

  #end(): void {
    this.#isDone = true;
    this.#reader.releaseLock();
  }
}

/** A stream that reads only on demand: the server sees the pace of the reader of the copy. */
export function copyOf(reader: BodyReader): BodyStream {
  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        // An error shows at once, rather than on the next read.
        reader.closed.catch((error: unknown) => controller.error(error));
      },
      async pull(controller) {
        const part = await reader.read();
        if (!part.done) {
          controller.enqueue(part.value);
          return;
        }
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
