import type { Entry } from '../../journal/entry.ts';
import { takeoversIn } from '../../journal/run/takeover-note.ts';

/** Says how often a run was taken over from a process that had died, and where last. Each place has a note of its own. */
export class TakeoverText {
  #count = 0;
  #step = '';

  add(entry: Entry): void {
    const count = takeoversIn(entry);
    if (count === 0) return;
    this.#count += count;
    this.#step = entry.at;
  }

  /** Empty if it never was. */
  get text(): string {
    if (this.#count === 0) return '';
    const times = this.#count === 1 ? 'once' : `${this.#count} times`;
    return `\ntaken over ${times} from a process that had died or kept its lease no longer, last in step ${this.#step}\n`;
  }
}
