/** What the random draws of a run derive from. A fork may have another seed from its first step on. */
export class RunSeed {
  #current: string;

  constructor(seed: string) {
    this.#current = seed;
  }

  get current(): string {
    return this.#current;
  }

  change(seed: string): void {
    this.#current = seed;
  }
}
