// Reads a run while it grows, or after its end: its journal from a cursor on, in either order.
//   D1. A reader never changes the journal, and holds no more chunks than it was allowed.
//   D2. Every item has a cursor; a reader that begins behind it gets exactly the rest.
import type { Value } from '../base/value.ts';
import { ChunkLog } from '../journal/fold/chunk-log.ts';
import type { CommitEntry, Entry } from '../journal/entry.ts';
import { keyNumbers } from '../journal/key.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { CanonicalOrder, compareOuterLast } from './canonical-order.ts';
import { cursorText, readCursor, startOf } from './cursor.ts';
import type { Position, ReadPlace, StreamOrder } from './cursor.ts';
import { EntryItems } from './entry-items.ts';
import type { BareItem, ChunksInARow } from './entry-items.ts';
import type { Pace } from './pace.ts';
import { ReadChunk } from './read-chunk.ts';
import type { JournalItem } from './stream-item.ts';
import { UnsettledStep, resetsAt } from './unsettled-step.ts';

/** What the store does not have yet of a run that is driven here. */
export interface Tail {
  isStored(place: number): boolean;
  /** From a place on; nothing where the store has that. */
  tail(place: number): readonly Entry[];
}

/** How a reader hears that a journal has grown. */
export interface Growth {
  /** Resolves when there may be more to read; to be asked for before reading. */
  changed(): Promise<void>;
  /** Whether nothing more can come, or how the run stands if so. To be asked before reading: what comes then is all. */
  isOver(): boolean | RunSummary | Promise<boolean | RunSummary>;
}

export interface ReadSetup {
  readonly store: RunStore;
  readonly runId: string;
  readonly order: StreamOrder;
  readonly from?: string;
  readonly growth: Growth;
  readonly pace?: Pace;
  /** Is told how many chunks were let go before they were read. */
  readonly onMissed?: (count: number) => void;
  /** Where what is not in the store yet is given too. */
  readonly tail?: () => Tail | undefined;
  /** Nobody waits for what comes any more. */
  readonly isLeft?: () => boolean;
}

const batchSize = 64;

/** What is known when nothing more comes. */
export interface ReadEnd {
  readonly cursor: string;
  /** How the run stood then, where somebody looked. */
  readonly summary: RunSummary | undefined;
}

/** The items of a run, those of one entry after another, up to where nothing more can come. */
export async function* readRun(setup: ReadSetup): AsyncGenerator<readonly JournalItem[], ReadEnd> {
  const { store, runId, order, from, growth, pace } = setup;
  let reader = new RunReader(setup, from === undefined ? undefined : readCursor(from, runId, order));
  let place = 0;
  for (;;) {
    const changed = growth.changed();
    const isOver = await growth.isOver();
    if (reader.isTailLost(place)) {
      // What the store did not have was never written: as for who comes back, it is void.
      reader = new RunReader(setup, reader.unsettledPlace);
      place = 0;
    }
    for (let count = batchSize; count === batchSize; ) {
      count = 0;
      for await (const entry of store.read(runId, place, batchSize)) {
        // Who comes back waits for nothing that went by before.
        if (from === undefined && entry.kind === 'run') pace?.begin(entry.observed.time);
        for await (const items of reader.read(entry, place)) if (items.length > 0) yield items;
        place += 1;
        count += 1;
      }
    }
    for (const entry of reader.takeTail(place)) {
      for await (const items of reader.read(entry, place)) if (items.length > 0) yield items;
      place += 1;
    }
    if (isOver !== false) return { cursor: reader.cursor, summary: isOver === true ? undefined : isOver };
    await changed;
    if (setup.isLeft?.() === true) return { cursor: reader.cursor, summary: undefined };
  }
}

class RunReader {
  readonly #setup: ReadSetup;
  readonly #items = new EntryItems();
  #canonical: CanonicalOrder | undefined;
  /** What was given to an earlier reader. */
  readonly #given: ReadPlace | undefined;
  /** Canonical: of each key of the step, how many items it has had. */
  readonly #counts = new Map<string, number>();
  readonly #unsettled: UnsettledStep;
  #position: Position;
  /** What is read behind the store. */
  #tail: Tail | undefined;
  /** Where the step that is under way begins, and where the run ended, if nothing has followed yet. */
  #stepPlace = 0;
  #endPlace: number | undefined;
  #ends = 0;
  /** How many items of the place that is read have been given already. */
  #itemCount = 0;

  constructor(setup: ReadSetup, given: ReadPlace | undefined) {
    this.#setup = setup;
    this.#given = given;
    this.#canonical = setup.order === 'canonical' ? new CanonicalOrder() : undefined;
    this.#unsettled = new UnsettledStep(setup.order);
    this.#position = given?.position ?? startOf(setup.order);
  }

  get cursor(): string {
    return cursorText(this.#setup.runId, this.#position);
  }

  get unsettledPlace(): ReadPlace {
    return this.#unsettled.place;
  }

  /** What the store does not have from this place on, and is going to get. */
  takeTail(place: number): readonly Entry[] {
    this.#tail = this.#setup.tail?.();
    return this.#tail?.tail(place) ?? [];
  }

  /** Something was read up to this place of which the store never got the end. */
  isTailLost(place: number): boolean {
    const tail = this.#tail;
    return tail !== undefined && tail !== this.#setup.tail?.() && place > 0 && !tail.isStored(place - 1);
  }

  /** What may be given now: of the entry itself, and of others that had to wait for it. */
  read(entry: Entry, place: number): Iterable<readonly JournalItem[]> | AsyncIterable<readonly JournalItem[]> {
    this.#itemCount = 0;
    if (this.#endPlace !== undefined) return this.#readBehindEnd(entry, place, this.#endPlace);
    if (this.#canonical !== undefined) return this.#readInOrder(entry, this.#canonical.add({ entry, place }), place);
    return entry.kind === 'chunk' && this.#items.lacks(entry)
      ? this.#readWithKept(entry, place)
      : [this.#itemsOf(entry, place)];
  }

  /** A failed run is gone on with: what of the step is left of attempts that were void counts again. */
  async *#readBehindEnd(entry: Entry, place: number, end: number): AsyncGenerator<readonly JournalItem[]> {
    this.#endPlace = undefined;
    this.#ends += 1;
    this.#counts.clear();
    const again = this.#items.takeEnded();
    const order = this.#canonical === undefined ? undefined : new CanonicalOrder();
    this.#canonical = order;
    let earlierPlace = this.#stepPlace;
    for await (const earlier of this.#entries(earlierPlace, end - earlierPlace)) {
      const isDone = earlier.kind === 'outcome' && earlier.result.status === 'done';
      if (again.has(earlier.at) && (earlier.kind === 'chunk' || isDone)) {
        if (order === undefined) yield* this.#readWithKept(earlier, place);
        else yield* this.#readInOrder(earlier, order.add({ entry: earlier, place: earlierPlace }), earlierPlace);
      } else if (isDone) order?.markDone(earlier.at);
      earlierPlace += 1;
    }
    if (order === undefined) yield* this.#readWithKept(entry, place);
    else yield* this.#readInOrder(entry, order.add({ entry, place }), place);
  }

  async *#readInOrder(entry: Entry, ready: readonly number[], own: number): AsyncGenerator<readonly JournalItem[]> {
    for (const place of ready) {
      if (place === own) yield* this.#readWithKept(entry, place);
      else for await (const earlier of this.#entries(place, 1)) yield* this.#readWithKept(earlier, place);
    }
    if (isRootCommit(entry)) this.#counts.clear();
  }

  /** Entries that were there before, from the store or from what it is going to get. */
  async *#entries(from: number, count: number): AsyncGenerator<Entry> {
    const { store, runId } = this.#setup;
    let place = from;
    for await (const entry of store.read(runId, from, count)) {
      yield entry;
      place += 1;
    }
    yield* this.#tail?.tail(place).slice(0, from + count - place) ?? [];
  }

  /** Reads chunks again that stay where others become void, if all that is left of them is what they came to. */
  async *#readWithKept(entry: Entry, place: number): AsyncGenerator<readonly JournalItem[]> {
    const kept = new ChunkLog();
    if (entry.kind === 'chunk' && this.#items.lacks(entry)) {
      for await (const earlier of this.#entries(0, place))
        if (earlier.kind === 'chunk' && earlier.at === entry.at) kept.add(earlier);
      yield this.#itemsOf(entry, place, kept.deltas.slice(0, entry.ordinal));
    } else yield this.#itemsOf(entry, place);
  }

  #itemsOf(entry: Entry, place: number, kept?: readonly Value[]): readonly JournalItem[] {
    const items: JournalItem[] = [];
    for (const bare of this.#items.of(entry, kept)) {
      const count = bare.kind === 'chunks' ? bare.deltas.length : bare.kind === 'gap' ? bare.count : 1;
      const position = this.#take(entry, place, count);
      if (bare.kind === 'gap') {
        if (bare.chunks > 0) this.#setup.onMissed?.(bare.chunks);
        continue;
      }
      const unsettled = this.#unsettledAt(bare, place);
      if (bare.kind === 'chunks') this.#addChunks(items, bare, position, unsettled);
      else if (this.#isNew(position)) items.push({ ...bare, cursor: this.#cursorAt(position, unsettled) });
    }
    if (entry.kind === 'end') this.#endPlace = place;
    if (isRootCommit(entry)) {
      this.#stepPlace = place + 1;
      this.#unsettled.committed({ ...this.#positionOf(entry, place), item: 0 });
    }
    items.push(...resetsAt(entry, place, this.#given, this.#setup.runId));
    return items;
  }

  /** The position of the first of so many items. */
  #take(entry: Entry, place: number, count: number): Position {
    const position = this.#positionOf(entry, place);
    if (position.order === 'arrival') this.#itemCount += count;
    else this.#counts.set(position.at, position.item + count);
    return position;
  }

  /** Where the next item of an entry stands. Resets stand where what makes chunks void does, and not where those stood. */
  #positionOf(entry: Entry, place: number): Position {
    if (this.#canonical === undefined) return { order: 'arrival', place, item: this.#itemCount };
    const at = entry.kind === 'end' ? String(entry.step + 1) : entry.at;
    return { order: 'canonical', ends: this.#ends, at, item: this.#counts.get(at) ?? 0 };
  }

  #addChunks(items: JournalItem[], chunks: ChunksInARow, position: Position, unsettled: ReadPlace | undefined): void {
    const { key, node, attempt, ordinal, deltas, times, accumulator } = chunks;
    const row = { runId: this.#setup.runId, position, key, node, attempt, ordinal, times, unsettled };
    for (const [index, delta] of deltas.entries()) {
      const segment = accumulator.add(delta);
      if (this.#given !== undefined && !this.#isNew({ ...position, item: position.item + index })) continue;
      items.push(new ReadChunk(row, ordinal + index, delta, segment));
    }
    if (deltas.length > 0) this.#pass({ ...position, item: position.item + deltas.length - 1 });
  }

  /** Where the store does not have it yet: where who comes back begins. */
  #unsettledAt({ key, node }: BareItem, place: number): ReadPlace | undefined {
    if (this.#setup.tail === undefined) return undefined;
    this.#unsettled.gave(key, node);
    return this.#tail === undefined || this.#tail.isStored(place) ? undefined : this.#unsettled.place;
  }

  #isNew(position: Position): boolean {
    return this.#given === undefined || isBehind(position, this.#given.position);
  }

  #cursorAt(position: Position, unsettled: ReadPlace | undefined): string {
    this.#pass(position);
    const { runId } = this.#setup;
    return unsettled === undefined
      ? cursorText(runId, position)
      : cursorText(runId, unsettled.position, unsettled.unsettled);
  }

  #pass(position: Position): void {
    if (this.#isNew(position)) this.#position = position;
  }
}

function isRootCommit(entry: Entry): entry is CommitEntry {
  return entry.kind === 'commit' && !entry.at.includes('/');
}

/** Of two positions of one order, whether the first comes later. */
function isBehind(position: Position, given: Position): boolean {
  if (position.order === 'arrival' && given.order === 'arrival')
    return position.place !== given.place ? position.place > given.place : position.item > given.item;
  if (position.order !== 'canonical' || given.order !== 'canonical') return false;
  if (position.ends !== given.ends) return position.ends > given.ends;
  const order = compareOuterLast(keyNumbers(position.at), keyNumbers(given.at));
  return order !== 0 ? order > 0 : position.item > given.item;
}
