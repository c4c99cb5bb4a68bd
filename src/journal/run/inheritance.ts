// A forked run begins with a copy of its parent's journal, up to the commit that it was forked from. The copied entries
// happened once, in the parent, so anything that counts has to tell them from what happened in the fork.
import type { Entry, RunEntry } from '../entry.ts';

/** Tells which entries of one journal are copies. The entries are given in their order. */
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

/** Whether a fork begins with this entry of its parent: the terms of the parent are no terms of the fork. */
export function isShared(entry: Entry): boolean {
  return entry.kind !== 'note' || entry.observed.terms === undefined;
}
