// A square of bits: for each of `size` things, a set of them.

export class BitRows {
  readonly size: number;
  /** How many words of 32 bits a row has. */
  readonly width: number;
  readonly #words: Uint32Array;

  constructor(size: number, rowCount = size) {
    this.size = size;
    this.width = Math.ceil(size / 32);
    this.#words = new Uint32Array(rowCount * this.width);
  }

  row(index: number): Uint32Array {
    return this.#words.subarray(index * this.width, (index + 1) * this.width);
  }

  /** Adds the bits of another row of the same size. */
  unite(row: number, more: Uint32Array): void {
    const words = this.#words;
    const start = row * this.width;
    for (let word = 0; word < more.length; word += 1)
      words[start + word] = (words[start + word] as number) | (more[word] as number);
  }

  /** Adds the bits of others of the same size. */
  uniteAll(more: BitRows): void {
    const [words, added] = [this.#words, more.#words];
    for (let word = 0; word < words.length; word += 1) words[word] = (words[word] as number) | (added[word] as number);
  }

  /** Adds a row to bits outside. Returns whether they then hold all that is `wanted`. */
  completes(row: number, bits: Uint32Array, wanted: Uint32Array): boolean {
    const words = this.#words;
    const start = row * this.width;
    let missing = 0;
    for (let word = 0; word < this.width; word += 1) {
      const united = (bits[word] as number) | (words[start + word] as number);
      bits[word] = united;
      missing |= (wanted[word] as number) & ~united;
    }
    return missing === 0;
  }

  has(row: number, bit: number): boolean {
    return ((this.#words[row * this.width + (bit >>> 5)] as number) & (1 << (bit & 31))) !== 0;
  }

  set(row: number, bit: number): void {
    const place = row * this.width + (bit >>> 5);
    this.#words[place] = (this.#words[place] as number) | (1 << (bit & 31));
  }

  clear(row: number, bit: number): void {
    const place = row * this.width + (bit >>> 5);
    this.#words[place] = (this.#words[place] as number) & ~(1 << (bit & 31));
  }
}

export function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function hasBit(row: Uint32Array, bit: number): boolean {
  return ((row[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
}

export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
