// Reads a run while it grows, or after its end: its journal from a cursor on, in either order.
//   D1. A reader never changes the journal, and holds no more chunks than it was allowed.
//   D2. Every item has a cursor; a reader that begins behind it gets exactly the rest.
import type { Value } from '../base/value.ts';
import type { Entry } from '../journal/entry.ts';
import { keyNumbers } from '../journal/key.ts';
import type { RunStore } from '../port/store.ts';
import { CanonicalOrder, compareOuterLast } from './canonical-order.ts';
import { cursorText, readCursor, startOf } from './cursor.ts';
import type { Position, StreamOrder } from './cursor.ts';
import { EntryItems } from './entry-items.ts';
import type { BareItem } from './entry-items.ts';
import type { JournalItem } from './stream-item.ts';

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
}

const batchSize = 64;

/** The items of a run, those of one entry after another, up to where nothing more can come. Gives the last cursor. */
export async function* readRun(setup: ReadSetup): AsyncGenerator<Iterable<JournalItem>, string> {
  const { store, runId, order, from, growth } = setup;
  const reader = new RunReader(setup, from === undefined ? undefined : readCursor(from, runId, order));
  let place = 0;
  for (;;) {
    const changed = growth.changed();
    const isOver = await growth.isOver();
    for (let count = batchSize; count === batchSize; ) {
      count = 0;
      for await (const entry of store.read(runId, place, batchSize)) {
        for await (const items of reader.read(entry, place)) yield items;
        place += 1;
        count += 1;
      }
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
  readonly #given: Position | undefined;
  /** Canonical: of each attempt of the step, how many items it has had. */
  readonly #counts = new Map<string, number>();
  #position: Position;

  constructor(setup: ReadSetup, given: Position | undefined) {
    this.#setup = setup;
    this.#given = given;
    this.#canonical = setup.order === 'canonical' ? new CanonicalOrder() : undefined;
    this.#position = given ?? startOf(setup.order);
  }

  get cursor(): string {
    return cursorText(this.#setup.runId, this.#position);
  }

  /** What may be given now: of the entry itself, and of others that had to wait for it. */
  read(entry: Entry, place: number): Iterable<Iterable<JournalItem>> | AsyncIterable<Iterable<JournalItem>> {
    return this.#canonical === undefined
      ? [this.#itemsOf(entry, place)]
      : this.#readInOrder(entry, this.#canonical.add({ entry, place }), place);
  }

  async *#readInOrder(entry: Entry, ready: readonly number[], own: number): AsyncGenerator<Iterable<JournalItem>> {
    const { store, runId } = this.#setup;
    for (const place of ready) {
      if (place === own) yield this.#itemsOf(entry, place);
      else for await (const earlier of store.read(runId, place, 1)) yield this.#itemsOf(earlier, place);
    }
    if (entry.kind === 'commit' && !entry.at.includes('/')) this.#counts.clear();
  }

  *#itemsOf(entry: Entry, place: number): Generator<JournalItem> {
    let item = 0;
    for (const bare of this.#items.of(entry)) {
      const position = this.#positionOf(bare, place, item);
      item += 1;
      if (this.#given !== undefined && !isBehind(position, this.#given)) continue;
      this.#position = position;
      yield itemOf(bare, this.#setup.runId, position);
    }
  }

  #positionOf({ key }: BareItem, place: number, item: number): Position {
    if (this.#canonical === undefined) return { order: 'arrival', place, item };
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    return { order: 'canonical', at: key, item: count };
  }
}

/** Of two positions of one order, whether the first comes later. */
function isBehind(position: Position, given: Position): boolean {
  if (position.order === 'arrival' && given.order === 'arrival')
    return position.place !== given.place ? position.place > given.place : position.item > given.item;
  if (position.order !== 'canonical' || given.order !== 'canonical') return false;
  const order = compareOuterLast(keyNumbers(position.at), keyNumbers(given.at));
  return order !== 0 ? order > 0 : position.item > given.item;
}

function itemOf(bare: BareItem, runId: string, position: Position): JournalItem {
  if (bare.kind !== 'chunk') return { ...bare, cursor: cursorText(runId, position) };
  const { kind, key, node, attempt, ordinal, chunk, chunks } = bare;
  let delta: { readonly value: Value } | undefined;
  // Most readers look at chunks alone.
  return {
    kind,
    get cursor() {
      return cursorText(runId, position);
    },
    key,
    node,
    attempt,
    ordinal,
    chunk,
    get delta() {
      delta ??= { value: chunks.deltaAt(ordinal) };
      return delta.value;
    },
  };
}
