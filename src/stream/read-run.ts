// Reads a run while it grows, or after its end: its journal from a cursor on, in either order.
//   D1. A reader never changes the journal, and holds no more chunks than it was allowed.
//   D2. Every item has a cursor; a reader that begins behind it gets exactly the rest.
import type { Value } from '../base/value.ts';
import { ChunkLog } from '../journal/chunk-log.ts';
import type { Entry } from '../journal/entry.ts';
import { keyNumbers } from '../journal/key.ts';
import type { RunStore } from '../port/store.ts';
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
  /** Whether nothing more can come. To be asked before reading: what comes then is all. */
  isOver(): boolean | Promise<boolean>;
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
}

const batchSize = 64;

/** The items of a run, those of one entry after another, up to where nothing more can come. Gives the last cursor. */
export async function* readRun(setup: ReadSetup): AsyncGenerator<readonly JournalItem[], string> {
  const { store, runId, order, from, growth, pace } = setup;
  const reader = new RunReader(setup, from === undefined ? undefined : readCursor(from, runId, order));
  let place = 0;
  for (;;) {
    const changed = growth.changed();
    const isOver = await growth.isOver();
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
    for (const entry of setup.tail?.()?.tail(place) ?? []) {
      for await (const items of reader.read(entry, place)) if (items.length > 0) yield items;
      place += 1;
    }
    if (isOver) return reader.cursor;
    await changed;
  }
}

class RunReader {
  readonly #setup: ReadSetup;
  readonly #items = new EntryItems();
  readonly #canonical: CanonicalOrder | undefined;
  /** What was given to an earlier reader. */
  readonly #given: ReadPlace | undefined;
  /** Canonical: of each attempt of the step, how many items it has had. */
  readonly #counts = new Map<string, number>();
  readonly #unsettled: UnsettledStep;
  #position: Position;

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

  /** What may be given now: of the entry itself, and of others that had to wait for it. */
  read(entry: Entry, place: number): Iterable<readonly JournalItem[]> | AsyncIterable<readonly JournalItem[]> {
    if (this.#canonical !== undefined) return this.#readInOrder(entry, this.#canonical.add({ entry, place }), place);
    return entry.kind === 'chunk' && this.#items.lacks(entry)
      ? this.#readWithKept(entry, place)
      : [this.#itemsOf(entry, place)];
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
    const { store, runId, tail } = this.#setup;
    let place = from;
    for await (const entry of store.read(runId, from, count)) {
      yield entry;
      place += 1;
    }
    yield* tail?.()
      ?.tail(place)
      .slice(0, from + count - place) ?? [];
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
    let item = 0;
    for (const bare of this.#items.of(entry, kept)) {
      const count = bare.kind === 'chunks' ? bare.deltas.length : bare.kind === 'gap' ? bare.count : 1;
      const first = this.#canonical === undefined ? item : (this.#counts.get(bare.key) ?? 0);
      if (this.#canonical === undefined) item += count;
      else this.#counts.set(bare.key, first + count);
      if (bare.kind === 'gap') {
        if (bare.chunks > 0) this.#setup.onMissed?.(bare.chunks);
        continue;
      }
      const unsettled = this.#unsettledAt(bare, place);
      if (bare.kind === 'chunks') this.#addChunks(items, bare, { place, first, unsettled });
      else {
        const position = this.#positionOf(bare.key, place, first);
        if (this.#isNew(position)) items.push({ ...bare, cursor: this.#cursorAt(position, unsettled) });
      }
    }
    if (isRootCommit(entry)) this.#unsettled.committed(entry.at, place);
    items.push(...resetsAt(entry, place, this.#given, this.#setup.runId));
    return items;
  }

  #addChunks(
    items: JournalItem[],
    chunks: ChunksInARow,
    {
      place,
      first,
      unsettled,
    }: { readonly place: number; readonly first: number; readonly unsettled: ReadPlace | undefined },
  ): void {
    const { key, node, attempt, ordinal, deltas, times, accumulator } = chunks;
    const { runId, order } = this.#setup;
    const row = { runId, order, place, itemOffset: first - ordinal, key, node, attempt, ordinal, times, unsettled };
    for (const [index, delta] of deltas.entries()) {
      const segment = accumulator.add(delta);
      if (this.#given !== undefined && !this.#isNew(this.#positionOf(key, place, first + index))) continue;
      items.push(new ReadChunk(row, ordinal + index, delta, segment));
    }
    if (deltas.length > 0) this.#pass(this.#positionOf(key, place, first + deltas.length - 1));
  }

  /** Where the store does not have it yet: where who comes back begins. */
  #unsettledAt({ key, node }: BareItem, place: number): ReadPlace | undefined {
    const tail = this.#setup.tail?.();
    if (tail === undefined) return undefined;
    this.#unsettled.gave(key, node);
    return tail.isStored(place) ? undefined : this.#unsettled.place;
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

  #positionOf(key: BareItem['key'], place: number, item: number): Position {
    return this.#canonical === undefined ? { order: 'arrival', place, item } : { order: 'canonical', at: key, item };
  }
}

function isRootCommit(entry: Entry): boolean {
  return entry.kind === 'commit' && !entry.at.includes('/');
}

/** Of two positions of one order, whether the first comes later. */
function isBehind(position: Position, given: Position): boolean {
  if (position.order === 'arrival' && given.order === 'arrival')
    return position.place !== given.place ? position.place > given.place : position.item > given.item;
  if (position.order !== 'canonical' || given.order !== 'canonical') return false;
  const order = compareOuterLast(keyNumbers(position.at), keyNumbers(given.at));
  return order !== 0 ? order > 0 : position.item > given.item;
}
