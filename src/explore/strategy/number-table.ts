/** A number for each of the small numbers by which events and tasks are told. */
export class NumberTable {
  #numbers = new Float64Array(64).fill(Number.NaN);

  /** All of them by their index, until the next one is set: nothing has to be called to look into it. */
  get numbers(): Float64Array {
    return this.#numbers;
  }

  /** Not a number if none is known. */
  get(index: number): number {
    return index < this.#numbers.length ? (this.#numbers[index] as number) : Number.NaN;
  }

  set(index: number, number: number): void {
    if (index >= this.#numbers.length) this.#grow(index + 1);
    this.#numbers[index] = number;
  }

  #grow(length: number): void {
    const longer = new Float64Array(Math.max(length, this.#numbers.length * 2)).fill(Number.NaN);
    longer.set(this.#numbers);
    this.#numbers = longer;
  }
}
