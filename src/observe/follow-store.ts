// Feeds an observer from a store: what other processes write, what was written while nothing watched, and what is
// written from now on. The position of the last delivery is saved, so it outlives the follower.
//   F1. The entries of a run arrive in journal order, with none left out.
//   F2. Entries within the position that the cursor loads are never delivered again.
//   F3. A position is saved only after the observer has taken the entries within it. After a crash between the two they
//       are delivered again (at least once), unless the observer stores `delivery.position` together with its own
//       results (exactly once).
import { RepriseError } from '../base/error.ts';
import {
  abortSignal,
  anyFunction,
  numberIn,
  required,
  text,
  trueOrFalse,
  wholeNumber,
} from '../base/options/option-kind.ts';
import { objectWith } from '../base/options/option-parts.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import type { Entry } from '../journal/entry.ts';
import { Inheritance } from '../journal/run/inheritance.ts';
import { liveClock } from '../live/clock.ts';
import type { Clock } from '../port/clock.ts';
import type { ObservedEntry, ObservedRun, RunObserver, RunPosition } from '../port/observer.ts';
import type { RunStatus, RunStore, RunSummary } from '../port/store.ts';

/** By run: how many of its entries were delivered. Runs that the store no longer holds are left out. */
export type StorePosition = Readonly<Record<string, number>>;

/** Stores a position: in a file, or in the database that the observer writes to. */
export interface StoreCursor {
  /** Undefined before the first save. */
  load(): StorePosition | undefined | Promise<StorePosition | undefined>;
  /** `changed` is the one run whose count has changed since the last save. */
  save(position: StorePosition, changed: RunPosition): void | Promise<void>;
}

/**
 * Which runs `followStore` follows, and how. `cursor` keeps the place, so that a process that starts again continues
 * there.
 */
export interface FollowOptions {
  readonly cursor: StoreCursor;
  /** Stops following, once the current delivery is complete. */
  readonly signal?: AbortSignal;
  /** How often to poll for new entries, in milliseconds; 1,000 by default. What grows is delivered half of that later on average. */
  readonly pollMs?: number;
  /** Ends once everything in the store is delivered. */
  readonly isOnce?: boolean;
  /** Follows the runs of this graph only. */
  readonly graph?: string;
  /** The most entries in one delivery; 500 by default. */
  readonly batchSize?: number;
}

export const followOptions = optionShape<FollowOptions>('followStore', {
  cursor: required(
    objectWith('a cursor `{ load, save }`', { load: required(anyFunction), save: required(anyFunction) }),
  ),
  signal: abortSignal,
  pollMs: numberIn({ least: 1 }),
  isOnce: trueOrFalse,
  graph: text,
  batchSize: wholeNumber({ least: 1 }),
});

/**
 * Delivers all entries of all runs in a store to an observer, until it is stopped: oldest runs first, or those first that
 * came to rest first where the store tells what has changed (PostgreSQL), so that a look costs what happened since the one
 * before. It needs no engine, and it waits for its observer, so nothing is dropped.
 *
 * It rejects if the observer, the cursor or the store throws. Call it again to continue from the last saved position.
 *
 * ```ts
 * import { createEngine, fields, graph, memoryStore } from 'reprise';
 * import { followStore } from 'reprise/observe';
 *
 * const store = memoryStore();
 * const engine = createEngine(
 *   graph('still', { state: fields({}) }).node('wait', () => {}).start('wait').build(),
 *   { store },
 * );
 * await engine.run({}, { runId: 'first' });
 * let saved = {};
 * const kinds: string[] = [];
 * await followStore(store, { observe: (entries) => kinds.push(...entries.map(({ entry }) => entry.kind)) && undefined
 * }, {
 *   cursor: { load: () => saved, save: (position) => void (saved = position) },
 *   isOnce: true,
 * });
 * console.log(kinds.join(' '), saved); // run commit outcome commit end { first: 5 }
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`, and what the observer, the cursor and the store throw
 */
export function followStore(store: RunStore, observer: RunObserver, options: FollowOptions): Promise<void> {
  checkOptions(followOptions, options);
  return new StoreFollower(store, observer, options, liveClock).follow();
}

/** How many runs are asked for at once. */
const pageLength = 500;

/** How the observer is told of a run that nobody drives and that has not ended. */
function restOf(status: RunStatus): 'paused' | 'interrupted' | undefined {
  if (status === 'queued') return 'paused';
  return status === 'paused' || status === 'interrupted' ? status : undefined;
}

interface ReadInheritance {
  readonly inheritance: Inheritance;
  place: number;
}

class StoreFollower {
  readonly #store: RunStore;
  readonly #observer: RunObserver;
  readonly #options: FollowOptions;
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  /** By run: the entry count at the last rest that was reported to the observer. */
  readonly #rests = new Map<string, number>();
  /** By run: which of its next entries are copies, and how many it has read. Of runs that have ended it is not kept. */
  readonly #inheritances = new Map<string, ReadInheritance>();
  /** For a store that tells of changes: where its next round begins. */
  #after: string | undefined;

  constructor(store: RunStore, observer: RunObserver, options: FollowOptions, clock: Clock) {
    this.#store = store;
    this.#observer = observer;
    this.#options = options;
    this.#clock = clock;
  }

  async follow(): Promise<void> {
    const { cursor, isOnce = false, pollMs = 1_000 } = this.#options;
    for (const [runId, count] of Object.entries((await cursor.load()) ?? {})) this.#counts.set(runId, count);
    while (!this.#isStopped) {
      const next = this.#clock.now() + pollMs;
      const count = await this.#round();
      if (isOnce && count === 0) break;
      // A run that grows all the time is read in pieces, and not entry by entry.
      if (!isOnce) await this.#pause(next - this.#clock.now());
    }
    await this.#observer.flush?.();
  }

  get #isStopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /** Delivers all undelivered entries in the store, and returns how many there were. */
  async #round(): Promise<number> {
    const { changes } = this.#store;
    return changes === undefined ? this.#listed() : this.#changed(changes.bind(this.#store));
  }

  async #listed(): Promise<number> {
    const known = new Set<string>();
    const found: RunSummary[] = [];
    for await (const page of this.#pages()) {
      for (const summary of page) {
        if (!known.has(summary.runId) && this.#hasNews(summary)) found.push(summary);
        known.add(summary.runId);
      }
    }
    this.#forget(known);
    return this.#deliverAll(found.reverse());
  }

  /** All runs, newest first, a page at a time. */
  async *#pages(): AsyncGenerator<readonly RunSummary[]> {
    const { graph } = this.#options;
    const query = { limit: pageLength, ...(graph === undefined ? {} : { graph }) };
    let page = await this.#store.list(query);
    for (;;) {
      yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < pageLength) return;
      try {
        page = await this.#store.list({ ...query, after: last.runId });
      } catch (thrown) {
        if (!(thrown instanceof RepriseError && thrown.code === 'run-unknown')) throw thrown;
        // It was deleted meanwhile, and nothing says where it stood: once more from the newest.
        page = await this.#store.list(query);
      }
    }
  }

  /** A round from where the last one says. The first names all runs. */
  async #changed(changes: NonNullable<RunStore['changes']>): Promise<number> {
    const { graph } = this.#options;
    const known = this.#after === undefined ? new Set<string>() : undefined;
    let count = 0;
    let after = this.#after;
    for (let isRest = true; isRest; ) {
      const page = await changes({ after, limit: pageLength, ...(graph === undefined ? {} : { graph }) });
      for (const { runId } of page.runs) known?.add(runId);
      count += await this.#deliverAll(page.runs);
      if (this.#isStopped) return count;
      after = page.cursor;
      ({ isRest } = page);
    }
    if (known !== undefined) this.#forget(known);
    this.#after = after;
    return count;
  }

  async #deliverAll(summaries: readonly RunSummary[]): Promise<number> {
    let count = 0;
    for (const summary of summaries) {
      if (this.#isStopped) break;
      // Fewer entries than were delivered: the run was deleted, and another one has taken its id.
      if (summary.entryCount < (this.#counts.get(summary.runId) ?? 0)) this.#counts.set(summary.runId, 0);
      if (summary.entryCount > (this.#counts.get(summary.runId) ?? 0)) count += await this.#deliverRun(summary);
      await this.#tellRest(summary);
    }
    return count;
  }

  #hasNews({ runId, status, entryCount }: RunSummary): boolean {
    if (this.#counts.get(runId) !== entryCount) return true;
    return restOf(status) === undefined ? this.#rests.has(runId) : this.#rests.get(runId) !== entryCount;
  }

  #forget(known: ReadonlySet<string>): void {
    // The list was limited to one graph, so a missing run may belong to another.
    if (this.#options.graph !== undefined) return;
    for (const runId of this.#counts.keys()) {
      if (known.has(runId)) continue;
      this.#counts.delete(runId);
      this.#inheritances.delete(runId);
    }
  }

  async #deliverRun(summary: RunSummary): Promise<number> {
    const { batchSize = 500 } = this.#options;
    const run: ObservedRun = { runId: summary.runId, graph: summary.graph };
    const from = this.#counts.get(run.runId) ?? 0;
    let count = 0;
    let batch: ObservedEntry[] = [];
    const read = await this.#inheritanceAt(run.runId, from);
    for await (const entry of this.#entries(run.runId, read.place)) {
      const isInherited = read.inheritance.isInherited(entry);
      const place = read.place + 1;
      read.place = place;
      if (entry.kind === 'end') this.#inheritances.delete(run.runId);
      if (place <= from) continue;
      batch.push(isInherited ? { run, entry, isInherited } : { run, entry });
      if (batch.length < batchSize) continue;
      count += await this.#deliver(run, batch, place);
      batch = [];
      if (this.#isStopped) return count;
    }
    return batch.length === 0 ? count : count + (await this.#deliver(run, batch, read.place));
  }

  async *#entries(runId: string, from: number): AsyncGenerator<Entry, undefined> {
    try {
      yield* this.#store.read(runId, from);
    } catch (thrown) {
      // The run was deleted after it was listed.
      if (!(thrown instanceof RepriseError && thrown.code === 'run-unknown')) throw thrown;
    }
    return undefined;
  }

  async #deliver({ runId }: ObservedRun, entries: readonly ObservedEntry[], place: number): Promise<number> {
    const position: RunPosition = { runId, count: place };
    await this.#observer.observe(entries, { dropped: 0, position });
    this.#counts.set(runId, place);
    await this.#options.cursor.save(Object.fromEntries(this.#counts), position);
    return entries.length;
  }

  /** Reports each rest of a run once, after all of its entries. */
  async #tellRest({ runId, graph, status, entryCount, updatedAt }: RunSummary): Promise<void> {
    const rest = restOf(status);
    if (rest === undefined) {
      this.#rests.delete(runId);
      return;
    }
    if (this.#rests.get(runId) === entryCount || this.#counts.get(runId) !== entryCount) return;
    this.#rests.set(runId, entryCount);
    await this.#observer.rested?.({ runId, graph }, { status: rest, time: updatedAt });
  }

  /** Only a read from the beginning shows which entries of a fork are copies. */
  async #inheritanceAt(runId: string, from: number): Promise<ReadInheritance> {
    const known = this.#inheritances.get(runId);
    if (known?.place === from) return known;
    const isFork = from > 0 && (await this.#isFork(runId));
    const read = { inheritance: new Inheritance(), place: isFork ? 0 : from };
    this.#inheritances.set(runId, read);
    return read;
  }

  async #isFork(runId: string): Promise<boolean> {
    for await (const entry of this.#store.read(runId, 0, 1))
      return entry.kind === 'run' && entry.observed.parent !== undefined;
    return false;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#options;
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        cancel();
        signal?.removeEventListener('abort', go);
        resolve();
      };
      const cancel = this.#clock.setTimer(ms, go);
      signal?.addEventListener('abort', go, { once: true });
      if (signal?.aborted === true) go();
    });
  }
}
