// What is written of a request body, kept because it identifies the request.
export class WrittenBody {
  readonly #limit: number;
  readonly #tooLarge: () => void;
  #parts: (Uint8Array | string)[] = [];
  #byteCount = 0;

  /** `tooLarge` is called once, for the first bytes over the limit. Nothing is kept from then on. */
  constructor(limit: number, tooLarge: () => void) {
    this.#limit = limit;
    this.#tooLarge = tooLarge;
  }

  get isTooLarge(): boolean {
    return this.#byteCount > this.#limit;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Bytes, or a text that is written as UTF-8. */
  take(part: Uint8Array | string): void {
    if (this.isTooLarge || part.length === 0) return;
    this.#byteCount += Buffer.byteLength(part);
    if (this.isTooLarge) {
      this.#parts = [];
      this.#tooLarge();
      return;
    }
    // A copy of bytes, because the writer may use its buffer again.
    this.#parts.push(typeof part === 'string' ? part : Buffer.from(part));
  }

  /** All of it. A body that was written as one text is that text. */
  get content(): Uint8Array | string {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1) return first;
    return Buffer.concat(this.#parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  }
}
