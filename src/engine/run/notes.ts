// What a reader of the run should know besides its journal: what was not recorded, for example. Notes are entries of the
// journal too. They are never compared.
import type { RunNote } from '../../graph/types/run-types.ts';
import type { NoteEntry } from '../../journal/entry.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { RunJournal } from './journal/run-journal.ts';

export const notesMax = 1_000;

/** A note as its parts see it. `count` and `stack` are only observed. */
export interface GivenNote extends Omit<RunNote, 'at'> {
  readonly at: AttemptKey | StepKey;
  readonly count?: number;
  readonly stack?: string;
}

export class Notes {
  readonly #clock: Clock;
  /** Absent for runs of version 1, whose journal holds no notes. */
  readonly #journal: Pick<RunJournal, 'add'> | undefined;
  readonly #notes: RunNote[] = [];
  /** What went out in this step without belonging to an attempt, by host. */
  #unattributed: Map<string, { count: number; readonly stack: string }> | undefined;

  #isClosed = false;

  constructor(clock: Clock, journal: Pick<RunJournal, 'add'> | undefined) {
    this.#clock = clock;
    this.#journal = journal;
  }

  /** Adds nothing beyond the limit, so that a runaway node cannot use up memory. */
  add({ kind, at, node, message, count, stack }: GivenNote): void {
    if (this.#isClosed || this.#notes.length >= notesMax) return;
    this.#notes.push(Object.freeze({ kind, at, node, message }));
    const entry: NoteEntry = {
      kind: 'note',
      at,
      ...(node === '' ? {} : { node }),
      what: kind,
      message,
      ...(kind === 'unrecorded' ? { mayNotReplay: true } : {}),
      observed: {
        time: this.#clock.now(),
        ...(count === undefined ? {} : { count }),
        ...(stack === undefined ? {} : { stack }),
      },
    };
    this.#journal?.add(entry);
  }

  /** One that was made where the attempt ran, and is in the journal already. */
  addMade({ what, at, node, message, voids, undoes, observed }: NoteEntry): void {
    const isForReaders = voids === undefined && undoes === undefined && observed.decides === undefined;
    if (!isForReaders || this.#isClosed || this.#notes.length >= notesMax) return;
    this.#notes.push(Object.freeze({ kind: what as RunNote['kind'], at, node: node ?? '', message }));
  }

  addUnattributed(host: string, stack: string): void {
    this.#unattributed ??= new Map();
    const known = this.#unattributed.get(host);
    if (known !== undefined) known.count += 1;
    else if (this.#unattributed.size < notesMax) this.#unattributed.set(host, { count: 1, stack });
  }

  /** The step ends: one note for each host that was asked by nobody meanwhile. */
  stepEnds(at: StepKey): void {
    if (this.#unattributed === undefined) return;
    for (const [host, { count, stack }] of this.#unattributed) {
      const message = `requests to ${host} started outside of every node, so they are not recorded`;
      this.add({ kind: 'unrecorded', at, node: '', message, count, stack });
    }
    this.#unattributed = undefined;
  }

  /** The run ends, or is released: what happens now is no part of it. */
  close(at: StepKey): void {
    this.stepEnds(at);
    this.#isClosed = true;
  }

  get all(): readonly RunNote[] {
    return Object.freeze([...this.#notes]);
  }
}
