// Reads the journal of a run from a cursor on, in either order, while it grows and after its end.
//   D1. A reader never changes the journal, and holds no more chunks than it was allowed.
//   D2. Every item has a cursor; a reader that starts from it gets exactly the rest.
//   D3. A reader that starts from a cursor reads the step that it is in, and nothing before that but the graph.
import type { GraphDescription } from '../../journal/description.ts';
import type { ChunkEntry, Entry } from '../../journal/entry.ts';
import { ChunkLog } from '../../journal/fold/chunk-log.ts';
import type { Later, RunStore, RunSummary } from '../../port/store.ts';
import type { Growth } from '../journal-growth.ts';
import { CanonicalOrder, inRows } from './canonical-order.ts';
import { cursorText, firstCursor, readCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { ItemMaker } from './item-maker.ts';
import type { BareItem, ChunkRow, GivenChunks } from './item-maker.ts';
import type { Pace } from '../pace.ts';
import { PositionCounter, countUpTo, isAfter, journalStart } from './position.ts';
import type { Position, StepStart, StreamOrder } from './position.ts';
import type { JournalItem } from '../stream-item.ts';
import { StreamedChunk } from './streamed-chunk.ts';
import { graphAtStart, graphOf, isRootCommit } from './step-start.ts';
import type { Tail } from './tail.ts';
import { UnsettledStep, resetsAfter } from './unsettled-step.ts';

export interface JournalReaderSetup {
  readonly store: RunStore;
  readonly runId: string;
  readonly order: StreamOrder;
  readonly from?: string;
  readonly growth: Growth;
  readonly pace?: Pace;
  /** Is told how many chunks were dropped before they were read. */
  readonly onMissed?: (count: number) => void;
  /** Of a run that is driven in this process. */
  readonly tail: () => Tail | undefined;
  /** Whether entries are given before the store has them. */
  readonly readsUnstored: boolean;
  /** The reader has left. */
  readonly isLeft?: () => boolean;
}

/** What is known when nothing more can come. */
export interface JournalEnd {
  readonly cursor: string;
  /** How the run stood then, if somebody looked. */
  readonly summary: RunSummary | undefined;
}

const batchSize = 64;

type ItemList = readonly JournalItem[];
const noItems: ItemList = [];

/** The items of a run, those of one entry at a time, until nothing more can come. */
export async function* readJournal(setup: JournalReaderSetup): AsyncGenerator<ItemList, JournalEnd> {
  const { store, runId, order, from, growth } = setup;
  let reader = await openReader(setup, from === undefined ? undefined : readCursor(from, runId, order));
  for (;;) {
    const changed = growth.changed();
    const standing = await growth.standing();
    // What the store did not have was never written: it is void, as for a reader that comes back.
    if (reader.isTailLost) reader = await openReader(setup, reader.unsettledCursor);
    const isRead = standing.is !== 'over' && reader.place >= (standing.entryCount ?? Number.POSITIVE_INFINITY);
    for (let end = reader.place; end === reader.place && !reader.isNearEnd && !isRead; ) {
      end += batchSize;
      for await (const entry of store.read(runId, reader.place, batchSize)) {
        const items = reader.read(entry);
        if (!isList(items)) yield* items;
        else if (items.length > 0) yield items;
      }
    }
    for (const entry of reader.inMemory()) {
      const items = reader.read(entry);
      if (!isList(items)) yield* items;
      else if (items.length > 0) yield items;
    }
    if (standing.is === 'over') return { cursor: reader.cursor, summary: standing.summary };
    await changed;
    if (setup.isLeft?.() === true) return { cursor: reader.cursor, summary: undefined };
  }
}

/** A reader that starts at the step of the cursor if the journal has it there, and otherwise at the first entry. */
async function openReader(setup: JournalReaderSetup, given: Cursor | undefined): Promise<JournalReader> {
  const graph = given === undefined ? undefined : await graphAtStart(setup.store, setup.runId, given);
  return new JournalReader(setup, given, graph);
}

class JournalReader {
  readonly #setup: JournalReaderSetup;
  /** What an earlier reader was given. */
  readonly #given: Cursor | undefined;
  readonly #items: ItemMaker;
  readonly #positions: PositionCounter;
  readonly #unsettled: UnsettledStep;
  #canonical: CanonicalOrder | undefined;
  #place: number;
  #start: StepStart;
  #graphPlace: number;
  /** Where the run ended, if nothing has followed yet. */
  #endPlace: number | undefined;
  /** What is read beyond the store. */
  #tail: Tail | undefined;
  /** Of the last item that was given. */
  #last: Cursor;

  /** `graph`: that of the run where the cursor's step begins; undefined to read from the first entry on. */
  constructor(setup: JournalReaderSetup, given: Cursor | undefined, graph: GraphDescription | undefined) {
    const { order } = setup;
    this.#setup = setup;
    this.#given = given;
    this.#start = given === undefined || graph === undefined ? journalStart : given.start;
    this.#graphPlace = this.#start.graphPlace;
    // The commit before the step says which one it is, and what a reader that comes back is told stands after it.
    this.#place = Math.max(0, this.#start.place - 1);
    this.#items = new ItemMaker(graph);
    this.#positions = new PositionCounter(order, this.#start);
    this.#unsettled = new UnsettledStep(order);
    this.#canonical = order === 'canonical' ? new CanonicalOrder() : undefined;
    this.#last = given ?? firstCursor(order);
  }

  /** The place of the next entry. */
  get place(): number {
    return this.#place;
  }

  get cursor(): string {
    return cursorText(this.#setup.runId, { ...this.#last, unsettled: [] });
  }

  get unsettledCursor(): Cursor {
    return this.#unsettled.cursor;
  }

  /** Something was read from the tail that never reached the store. */
  get isTailLost(): boolean {
    const tail = this.#tail;
    if (!this.#setup.readsUnstored || tail === undefined || tail === this.#setup.tail()) return false;
    return this.#place > 0 && !tail.isStored(this.#place - 1);
  }

  /** The rest of the journal is in memory. */
  get isNearEnd(): boolean {
    return this.#setup.tail()?.recent(this.#place) !== undefined;
  }

  /** What is in memory from here on; of what the store does not hold yet, only where that is given. */
  inMemory(): readonly Entry[] {
    const { tail, readsUnstored } = this.#setup;
    this.#tail = tail();
    const recent = this.#tail?.recent(this.#place) ?? [];
    if (!readsUnstored) return recent;
    const unstored = this.#tail?.unstored(this.#place + recent.length) ?? [];
    return unstored.length === 0 ? recent : [...recent, ...unstored];
  }

  /** The next entry: gives its items, and those of others that had to wait for it. Several lists only where it has to read. */
  read(entry: Entry): ItemList | AsyncGenerator<ItemList> {
    const place = this.#place;
    this.#place += 1;
    this.#positions.entryBegins();
    // A reader that comes back does not wait for what went by before.
    if (this.#setup.from === undefined && entry.kind === 'run') this.#setup.pace?.begin(entry.observed.time);
    if (this.#endPlace !== undefined) return this.#readAfterEnd(entry, place, this.#endPlace);
    if (this.#canonical === undefined) return listOrLists(this.#readOne(entry, place));
    const ready = this.#canonical.add({ entry, place });
    if (ready.length === 0) return noItems;
    return ready.length === 1 && entry.kind !== 'commit'
      ? listOrLists(this.#readOne(entry, place))
      : this.#readInOrder(entry, place, ready);
  }

  /** A failed run was resumed: what is left of the attempts of its step that were void counts again. */
  async *#readAfterEnd(entry: Entry, place: number, end: number): AsyncGenerator<ItemList> {
    this.#endPlace = undefined;
    this.#positions.runResumed();
    const again = this.#items.takeVoidedByEnd();
    const order = this.#canonical === undefined ? undefined : new CanonicalOrder();
    this.#canonical = order;
    let earlierPlace = this.#start.place;
    for await (const earlier of this.#entries(earlierPlace, end - earlierPlace)) {
      const isDone = earlier.kind === 'outcome' && earlier.result.status === 'done';
      if (again.has(earlier.at) && (earlier.kind === 'chunk' || isDone)) {
        if (order === undefined) yield await this.#readOne(earlier, place);
        else yield* this.#readInOrder(earlier, earlierPlace, order.add({ entry: earlier, place: earlierPlace }));
      } else if (isDone) order?.markDone(earlier.at);
      earlierPlace += 1;
    }
    if (order === undefined) yield await this.#readOne(entry, place);
    else yield* this.#readInOrder(entry, place, order.add({ entry, place }));
  }

  /** `ready`: the places of what may be read now, those of earlier entries among them. */
  async *#readInOrder(entry: Entry, own: number, ready: readonly number[]): AsyncGenerator<ItemList> {
    for (const { first, count } of inRows(ready, own)) {
      let place = first;
      if (place === own) yield await this.#readOne(entry, place);
      else for await (const earlier of this.#entries(first, count)) yield await this.#readOne(earlier, place++);
    }
    if (isRootCommit(entry)) this.#positions.stepCommitted();
  }

  /** Entries of the open step that were read before, from the store or from what it is going to get. */
  async *#entries(from: number, count: number): AsyncGenerator<Entry> {
    const { store, runId } = this.#setup;
    let place = from;
    const recent = this.#tail?.recent(from);
    const stored = recent === undefined ? store.read(runId, from, count) : recent.slice(0, count);
    for await (const entry of stored) {
      yield entry;
      place += 1;
    }
    yield* this.#tail?.unstored(place).slice(0, from + count - place) ?? [];
  }

  #readOne(entry: Entry, place: number): Later<ItemList> {
    if (entry.kind !== 'chunk') return this.#itemsOf(entry, place, {});
    if (this.#items.needsKept(entry)) return this.#readKept(entry, place);
    return this.#itemsOf(entry, place, { shared: this.#setup.tail()?.segmentOf(entry.deltas) });
  }

  /** Reads the chunks again that stay where others become void, if no more than their fold is left of them. */
  async #readKept(entry: ChunkEntry, place: number): Promise<ItemList> {
    const kept = new ChunkLog();
    const first = this.#start.place;
    for await (const earlier of this.#entries(first, place - first))
      if (earlier.kind === 'chunk' && earlier.at === entry.at) kept.add(earlier);
    return this.#itemsOf(entry, place, { kept: kept.deltas.slice(0, entry.ordinal) });
  }

  #itemsOf(entry: Entry, place: number, given: GivenChunks): ItemList {
    const items: JournalItem[] = [];
    for (const bare of this.#items.itemsOf(entry, given)) this.#addItems(items, bare, entry, place);
    if (graphOf(entry) !== undefined) this.#graphPlace = place;
    if (entry.kind === 'end') this.#endPlace = place;
    if (isRootCommit(entry)) this.#stepCommitted(entry, place);
    items.push(...resetsAfter(entry, place, this.#given, this.#setup.runId));
    return items;
  }

  #stepCommitted(entry: Entry, place: number): void {
    this.#start = { place: place + 1, graphPlace: this.#graphPlace, ends: this.#positions.ends };
    const next = this.#positions.next(entry, place);
    this.#unsettled.committed({ ...next, item: Math.max(0, next.item - 1) }, this.#start);
  }

  #addItems(items: JournalItem[], bare: BareItem, entry: Entry, place: number): void {
    const count = bare.kind === 'chunks' ? bare.deltas.length : bare.kind === 'gap' ? bare.count : 1;
    const position = this.#positions.take(entry, place, count);
    if (bare.kind === 'gap') {
      if (bare.chunks > 0) this.#setup.onMissed?.(bare.chunks);
      return;
    }
    const unsettled = this.#unsettledAt(bare, place);
    if (bare.kind === 'chunks') this.#addChunks(items, bare, position, unsettled);
    else if (this.#isNew(position)) {
      this.#last = { position, start: this.#start, unsettled: [] };
      items.push({ ...bare, cursor: cursorText(this.#setup.runId, unsettled ?? this.#last) });
    }
  }

  #addChunks(items: JournalItem[], chunks: ChunkRow, position: Position, unsettled: Cursor | undefined): void {
    const { length } = chunks.deltas;
    const had = this.#given === undefined ? 0 : countUpTo(this.#given.position, position, length);
    if (had === length) return;
    const row = { ...chunks, runId: this.#setup.runId, position, start: this.#start, unsettled };
    for (let index = had; index < length; index += 1) items.push(new StreamedChunk(row, index));
    this.#last = { position: { ...position, item: position.item + length - 1 }, start: this.#start, unsettled: [] };
  }

  /** The cursor of what the store does not have yet. */
  #unsettledAt({ kind, key, node }: BareItem, place: number): Cursor | undefined {
    if (!this.#setup.readsUnstored) return undefined;
    // That a node started makes nothing void.
    if (kind !== 'node-start') this.#unsettled.gave(key, node);
    return this.#tail === undefined || this.#tail.isStored(place) ? undefined : this.#unsettled.cursor;
  }

  #isNew(position: Position): boolean {
    return this.#given === undefined || isAfter(position, this.#given.position);
  }
}

function isList(items: ItemList | AsyncGenerator<ItemList>): items is ItemList {
  return Array.isArray(items);
}

function listOrLists(items: Later<ItemList>): ItemList | AsyncGenerator<ItemList> {
  return items instanceof Promise ? only(items) : items;
}

async function* only(items: Promise<ItemList>): AsyncGenerator<ItemList> {
  yield await items;
}
