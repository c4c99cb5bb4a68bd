import type { Entry } from '../../journal/entry.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';

/** The recorded entries of a step, by what they are. */
export class EntryPartners {
  readonly #recorded: readonly Entry[];
  #byIdentity: ReadonlyMap<string, Entry> | undefined;

  constructor(recorded: readonly Entry[]) {
    this.#recorded = recorded;
  }

  of(entry: Entry): Entry | undefined {
    this.#byIdentity ??= new Map(this.#recorded.map((one) => [entryIdentity(one), one]));
    return this.#byIdentity.get(entryIdentity(entry));
  }
}
