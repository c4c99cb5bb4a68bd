// What a resumed run's journal holds of its open step.
//   H1. The run adds again what is held. That is not written twice.
//   H2. With `force`, other code may do something else. What an attempt had done before and does not do again is void once
//       the attempt ends; what it does differently replaces what is held. Nothing of either is canonical any more.
import { inPieces } from '../../../base/in-pieces.ts';
import { forcedNote } from '../../../journal/step/effect-history.ts';
import { entryIdentity, sameEntry } from '../../../journal/entry-identity.ts';
import type { Entry, NoteEntry } from '../../../journal/entry.ts';
import { cleanedUpNote } from '../../../journal/step/stops.ts';
import { withoutVoid } from '../../../journal/run/void-entries.ts';
import type { Clock } from '../../../port/clock.ts';

export interface HeldEntries {
  /** Whether the journal holds the entry already. */
  has(entry: Entry): boolean;
  /** What the entry makes void, to be written before it. */
  voidedBy(entry: Entry): readonly NoteEntry[];
}

export function* heldEntries(
  openStep: readonly Entry[],
  clock: Clock,
  isForced: boolean,
): Generator<undefined, HeldEntries> {
  const held = new Map<string, Entry>();
  yield* inPieces(withoutVoid(openStep), (entry) => {
    if (entry.kind !== 'note' || !countsEachTime(entry)) held.set(entryIdentity(entry), entry);
  });
  return isForced ? new ForcedEntries(held, clock) : new SameEntries(held);
}

/** Whether a note says more than that something is so: what it says happens again. */
function countsEachTime({ voids, what, observed }: NoteEntry): boolean {
  return voids !== undefined || what === cleanedUpNote || observed.decides !== undefined;
}

class SameEntries implements HeldEntries {
  readonly #held: ReadonlyMap<string, Entry>;

  constructor(held: ReadonlyMap<string, Entry>) {
    this.#held = held;
  }

  has(entry: Entry): boolean {
    return this.#held.has(entryIdentity(entry));
  }

  voidedBy(): readonly NoteEntry[] {
    return [];
  }
}

const none: readonly NoteEntry[] = [];

class ForcedEntries implements HeldEntries {
  readonly #held: ReadonlyMap<string, Entry>;
  /** The identities of what each attempt did, itself or in its inner run. */
  readonly #byAttempt = new Map<string, string[]>();
  readonly #clock: Clock;
  /** Identities of what this process has added again. */
  readonly #added = new Set<string>();
  /** Attempts that continue after what they had done, and do not do it again. */
  readonly #restarted = new Set<string>();

  constructor(held: ReadonlyMap<string, Entry>, clock: Clock) {
    this.#held = held;
    for (const [identity, { at }] of this.#held) {
      for (let end = at.indexOf('/'); end > 0; end = at.indexOf('/', end + 1)) this.#index(at.slice(0, end), identity);
      this.#index(at, identity);
    }
    this.#clock = clock;
  }

  has(entry: Entry): boolean {
    const identity = entryIdentity(entry);
    const held = this.#held.get(identity);
    this.#added.add(identity);
    return held !== undefined && sameEntry(held, entry);
  }

  voidedBy(entry: Entry): readonly NoteEntry[] {
    if (entry.kind === 'restart') this.#restarted.add(entry.at);
    const identity = entryIdentity(entry);
    const held = this.#held.get(identity);
    const replaced = held === undefined || sameEntry(held, entry) ? none : [this.#note(held, identity)];
    if (entry.kind !== 'outcome' || held !== undefined) return replaced;
    const left = (this.#byAttempt.get(entry.at) ?? []).flatMap((other) => {
      const one = this.#held.get(other) as Entry;
      return !this.#added.has(other) && this.#isVoid(one, entry.at) ? [this.#note(one, other)] : [];
    });
    return [...replaced, ...left];
  }

  #index(at: string, identity: string): void {
    const known = this.#byAttempt.get(at);
    if (known === undefined) this.#byAttempt.set(at, [identity]);
    else known.push(identity);
  }

  /** Whether a held entry is void when the attempt `at` ends, and it was not added again. */
  #isVoid(entry: Entry, at: string): boolean {
    if (entry.at === at) return isDone(entry) && !this.#restarted.has(at);
    // Attempts of an inner run that had ended are not entered again, so their outcome stands for what they did.
    return entry.at.startsWith(`${at}/`) && !this.#added.has(`outcome ${entry.at}`);
  }

  #note(entry: Entry, voids: string): NoteEntry {
    const node = 'node' in entry ? { node: entry.node } : {};
    return {
      kind: 'note',
      at: entry.at as NoteEntry['at'],
      ...node,
      what: forcedNote,
      message: `${textOf(entry)} of earlier code no longer counts: the run was resumed with \`force\``,
      voids,
      observed: { time: this.#clock.now() },
    };
  }
}

/** What code did itself, and may do otherwise. Its chunks have their own way to become void. */
function isDone({ kind }: Entry): boolean {
  return kind === 'effect' || kind === 'event' || kind === 'task';
}

function textOf(entry: Entry): string {
  return 'name' in entry && entry.name !== '' ? `${entry.kind} ${JSON.stringify(entry.name)}` : entry.kind;
}
