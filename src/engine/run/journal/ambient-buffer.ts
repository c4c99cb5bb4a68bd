// What attempts have read of their process and no entry holds yet. It becomes one entry an attempt, before anything
// outside can depend on it.
import type { AmbientEntry } from '../../../journal/entry.ts';
import type { AttemptKey } from '../../../journal/key.ts';

export class AmbientBuffer {
  readonly #add: (entry: AmbientEntry) => void;
  readonly #held = new Map<AttemptKey, (() => AmbientEntry)[]>();

  constructor(add: (entry: AmbientEntry) => void) {
    this.#add = add;
  }

  /** `entry` makes the entry of everything of its kind since the last one. */
  hold(at: AttemptKey, entry: () => AmbientEntry): void {
    const held = this.#held.get(at);
    if (held === undefined) this.#held.set(at, [entry]);
    else held.push(entry);
  }

  drain(): void {
    if (this.#held.size === 0) return;
    for (const at of [...this.#held.keys()]) this.drainOf(at);
  }

  drainOf(at: AttemptKey): void {
    if (this.#held.size === 0) return;
    const held = this.#held.get(at);
    if (held === undefined) return;
    this.#held.delete(at);
    for (const entry of held) this.#add(entry());
  }
}
