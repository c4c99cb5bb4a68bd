// The bytes of a request body, kept as they are written, because they identify the request.
export class WrittenBody {
  readonly #limit: number;
  readonly #tooLarge: () => void;
  #parts: Uint8Array[] = [];
  #byteCount = 0;

  /** `tooLarge` is called once, for the first bytes over the limit. Nothing is kept from then on. */
  constructor(limit: number, tooLarge: () => void) {
    this.#limit = limit;
    this.#tooLarge = tooLarge;
  }

  get isTooLarge(): boolean {
    return this.#byteCount > this.#limit;
  }

  take(bytes: Uint8Array): void {
    if (this.isTooLarge || bytes.byteLength === 0) return;
    this.#byteCount += bytes.byteLength;
    if (this.isTooLarge) {
      this.#parts = [];
      this.#tooLarge();
      return;
    }
    // A copy, because the writer may use its buffer again.
    this.#parts.push(new Uint8Array(bytes));
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#byteCount > this.#limit ? 0 : this.#byteCount);
    let offset = 0;
    for (const part of this.#parts) {
      whole.set(part, offset);
      offset += part.byteLength;
    }
    return whole;
  }
}
