import { atOnce, inPieces } from '../../base/in-pieces.ts';
import type { Entry } from '../../journal/entry.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';

/** The recorded entries of a step, by what they are. */
export class EntryPartners {
  readonly #recorded: readonly Entry[];
  #byIdentity: Map<string, Entry> | undefined;

  constructor(recorded: readonly Entry[]) {
    this.#recorded = recorded;
  }

  /** Makes all that it needs ready. Otherwise that is done when it is first asked. */
  *gather(): Generator<undefined, void> {
    if (this.#byIdentity !== undefined) return;
    const byIdentity = new Map<string, Entry>();
    yield* inPieces(this.#recorded, (one) => byIdentity.set(entryIdentity(one), one));
    this.#byIdentity = byIdentity;
  }

  of(entry: Entry): Entry | undefined {
    if (this.#byIdentity === undefined) atOnce(this.gather());
    return this.#byIdentity?.get(entryIdentity(entry));
  }
}
