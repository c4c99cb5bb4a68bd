// A forked run begins with a copy of its parent's journal, up to the commit that it was forked from. What was copied
// happened once, in the parent: whoever counts has to know it from what happened here.
import type { Entry, RunEntry } from './entry.ts';

/** Tells of the entries of one journal, given in their order, which are copies. */
export class Inheritance {
  #lastCommit: string | undefined;

  isInherited(entry: Entry): boolean {
    if (entry.kind === 'run') {
      this.#lastCommit = lastInheritedCommit(entry);
      return false;
    }
    if (this.#lastCommit === undefined) return false;
    if (entry.kind === 'commit' && entry.at === this.#lastCommit) this.#lastCommit = undefined;
    return true;
  }
}

function lastInheritedCommit({ observed: { parent } }: RunEntry): string | undefined {
  return parent === undefined ? undefined : String(parent.step);
}
