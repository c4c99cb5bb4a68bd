// The journal of one run, as everything inside the run sees it: what is added, and when it must be durable.
//   Owns:         what is not written yet, the chunks on their way, what a resumed run's journal already holds.
//   Not its job:  what the entries mean, who reads them.
//   J1. Output commit: whatever something outside is about to depend on is durable first.
//   J2. A resumed run adds again what its journal already holds. Those entries are not written twice.
//   J3. A failing store stops the run: nothing more can be written, not even that.
//   J4. The chunks of an attempt precede its outcome, and so does what it read of its process.
//   J5. Nothing is performed in a term of the lease in which the store has not confirmed that the run is still its own.
//   J6. What has come back from outside does not wait in memory for longer than a moment, so that a process that dies while
//       one of many tasks takes long loses nothing of the others.
import { assert } from '../../../base/assert.ts';
import type { RunCheckpoint } from '../../../journal/run/checkpoint.ts';
import type { ChunkEntry, Entry, EventEntry, NoteEntry } from '../../../journal/entry.ts';
import type { AttemptKey } from '../../../journal/key.ts';
import type { Clock } from '../../../port/clock.ts';
import type { Later, Release } from '../../../port/store.ts';
import type { Tail } from '../../../stream/journal/tail.ts';
import type { Durability } from '../../options/engine-options.ts';
import { AmbientBuffer } from './ambient-buffer.ts';
import { ChunkBuffer } from './chunk-buffer.ts';
import type { EventDelivery } from './event-delivery.ts';
import type { HeldEntries } from './held-entries.ts';
import type { JournalWriter } from './journal-writer.ts';
import type { OwnLease } from './own-lease.ts';
import type { RunPace } from '../run-pace.ts';
import type { RunStop } from '../run-stop.ts';

export interface RunJournalSetup {
  readonly clock: Clock;
  readonly pace: RunPace;
  readonly writer: JournalWriter;
  readonly stop: RunStop;
  /** Of the process that drives the run. */
  readonly lease: OwnLease;
  readonly events: EventDelivery | undefined;
  readonly durability: Durability;
  /** How long chunks gather before they are written. */
  readonly chunkWindowMs: number;
  /** The store survives this process. */
  readonly isDurable: boolean;
  /** There is more to read, in the store or in the tail. */
  readonly onGrown: () => void;
  /** An entry has become void. */
  readonly onVoid: (note: NoteEntry) => void;
  /** For a resumed run. */
  readonly held: HeldEntries | undefined;
}

/** What is written after the chunks that were given before it. */
const afterChunks: ReadonlySet<Entry['kind']> = new Set(['event', 'begin', 'outcome', 'end']);

/** How long an outcome may stay in memory. Within it comes most of what writes it anyway: the next request, the commit. */
const keptMs = 10;

export class RunJournal {
  readonly #setup: RunJournalSetup;
  readonly #writer: JournalWriter;
  readonly chunks: ChunkBuffer;
  readonly ambient = new AmbientBuffer((entry) => this.add(entry));
  /** The end of the journal, for readers in this process. */
  readonly tail: Tail;
  #held: HeldEntries | undefined;
  /** The term of the lease in which the run is known to be this process's. */
  #term: number;
  /** The attempt whose outcome was added last. */
  #lastEnded: AttemptKey | undefined;
  /** What there is will be written in a moment (J6). */
  #isDue = false;

  constructor(setup: RunJournalSetup) {
    this.#setup = setup;
    this.#writer = setup.writer;
    this.#held = setup.held;
    this.#term = setup.lease.term;
    // What an attempt did is never in the store without what it had read until then (J4).
    this.#writer.beforeWrite(() => this.ambient.drain());
    this.chunks = new ChunkBuffer(
      setup.clock,
      setup.pace,
      (entry) => this.#addChunks(entry),
      () => this.#showChunks(),
      setup.chunkWindowMs,
    );
    this.tail = {
      isStored: (place) => this.#writer.isStored(place),
      recent: (place) => this.#writer.recent(place),
      unstored: (place) => this.#writer.tail(place),
      segmentOf: (deltas) => this.chunks.segmentOf(deltas),
    };
  }

  get hasProgressed(): boolean {
    return this.#writer.hasProgressed;
  }

  add(entry: Entry): void {
    // Readers see what a node does in its order, the chunks of an attempt stand before its outcome, and nothing stands
    // after the end of the run.
    if (afterChunks.has(entry.kind)) this.chunks.drain();
    if (entry.kind === 'outcome') {
      this.ambient.drainOf(entry.at);
      this.#lastEnded = entry.at;
    } else if (entry.kind === 'end' || (entry.kind === 'commit' && !entry.at.includes('/'))) this.ambient.drain();
    const held = this.#held;
    if (held !== undefined) {
      for (const note of held.voidedBy(entry)) {
        this.#writer.add(note);
        this.#setup.onVoid(note);
      }
    }
    if (held?.has(entry) === true) return;
    this.#writer.add(entry);
    if (!this.#isDue && isFromOutside(entry)) this.#writeInAMoment();
  }

  #writeInAMoment(): void {
    const { clock, durability, isDurable, stop } = this.#setup;
    if (!isDurable || durability !== 'effect') return;
    this.#isDue = true;
    const write = (): void => {
      this.#isDue = false;
      if (stop.current === undefined) this.writeSoon();
    };
    clock.setTimer(keptMs, write, 'background');
  }

  #addChunks(entry: ChunkEntry): void {
    // Comparing with the last outcome alone costs no memory.
    assert(entry.at !== this.#lastEnded, 'J4: the chunks of an attempt precede its outcome');
    this.#writer.add(entry);
  }

  emit(event: EventEntry, node: string): void {
    this.add(event);
    this.chunks.showSoon();
    this.#setup.events?.arrived(event, node, () => this.ready());
  }

  /**
   * Everything added so far is in the store when this returns, or when its promise resolves.
   *
   * @throws what the store throws
   */
  flush(checkpoint?: () => RunCheckpoint): Later<void> {
    this.chunks.drain();
    this.ambient.drain();
    return this.#orBroken(() => this.#writer.flush(checkpoint));
  }

  /**
   * Flushes if the level of durability requires it. Called before something outside depends on the journal, often from
   * a timer: a store that fails at once rejects the promise as well, since nobody could catch what is thrown there.
   * `isSure`: as far as the lease says, the run is this process's. Otherwise the store has to say so.
   */
  ready(isSure = true): Later<void> {
    try {
      const isWritten = this.#setup.durability === 'effect' || this.#writer.isMarked;
      const written = isWritten ? this.flush() : undefined;
      if (written === undefined) return isSure && this.#isOwn ? undefined : this.#confirm();
      return written.then(() => (isSure && this.#isOwn ? undefined : this.#confirm()));
    } catch (thrown) {
      return Promise.reject(thrown as Error);
    }
  }

  get #isOwn(): boolean {
    return this.#setup.lease.term === this.#term;
  }

  /** The process has slept past its lease, or others act as if it had. What they have taken over meanwhile is theirs (J5). */
  async #confirm(): Promise<void> {
    const { lease } = this.#setup;
    const confirmed = async (): Promise<void> => {
      await lease.renew();
      const { term } = lease;
      await this.#writer.confirm();
      this.#term = term;
    };
    await this.#orBroken(confirmed);
    if (this.#isOwn) return;
    // It runs out faster than the store can confirm it.
    this.#setup.stop.interrupt();
    throw new Error('the lease of this process has run out');
  }

  /** Writes what there is without waiting for it. The run learns of a failing store through its stop. */
  writeSoon(): void {
    try {
      this.flush()?.catch(() => undefined);
    } catch {
      // The same.
    }
  }

  /** A step of the run itself is in the store, so its chunks may be dropped. @throws what the store throws */
  dropChunks(): Later<void> {
    return this.#orBroken(() => this.#writer.dropChunks());
  }

  /** A step of the run itself is committed, so what a resumed run knew about it is used up. */
  stepCommitted(): void {
    this.#held = undefined;
    this.#setup.events?.stepCommitted();
  }

  /** Releases the run before it has ended. `left alone`: the code of this process cannot continue it. */
  release(release: Release | 'left alone'): Promise<void> {
    this.chunks.drain();
    this.ambient.drain();
    const leftAlone = { status: 'interrupted', leftAloneBy: this.#setup.lease.id } as const;
    return this.#writer.release(release === 'left alone' ? leftAlone : release);
  }

  /** Readers see chunks in the store, or in what the store will get with the commit. */
  #showChunks(): void {
    if (this.#setup.durability === 'effect') {
      this.writeSoon();
      return;
    }
    this.chunks.drain();
    this.#setup.onGrown();
  }

  #orBroken(write: () => Later<void>): Later<void> {
    try {
      const written = write();
      return written === undefined ? undefined : written.catch((thrown: unknown) => this.#broken(thrown));
    } catch (thrown) {
      return this.#broken(thrown);
    }
  }

  #broken(thrown: unknown): never {
    this.#setup.stop.fail('broken', thrown);
    throw thrown;
  }
}

function isFromOutside(entry: Entry): boolean {
  return entry.kind === 'outcome' || (entry.kind === 'effect' && (entry.type === 'call' || entry.type === 'http'));
}
