// Texts that were looked at before. Requests repeat most of theirs: the names of their fields, the instructions of a model, a
// conversation that grows by a message at a time.

/** Texts come from outside, so only so much of them is kept, and no long ones. */
const lengthMax = 4_000;
const lengthSumMax = 500_000;

export class CleanTexts {
  #recent = new Set<string>();
  #lengthSum = 0;
  /** Those from before, until there are as many new ones. */
  #earlier: ReadonlySet<string> = new Set();

  has(text: string): boolean {
    if (text.length > lengthMax) return false;
    if (this.#recent.has(text)) return true;
    if (!this.#earlier.has(text)) return false;
    this.add(text);
    return true;
  }

  add(text: string): void {
    if (text.length > lengthMax) return;
    this.#recent.add(text);
    this.#lengthSum += text.length;
    if (this.#lengthSum < lengthSumMax) return;
    this.#earlier = this.#recent;
    this.#recent = new Set();
    this.#lengthSum = 0;
  }
}
