// What the code of one attempt reads of its process without asking the engine. Live it is real, and kept; a replay and
// an attempt that is entered again get back what was kept, by segment, source and place.
//   Owns:         the places within a segment, what no entry holds yet, what a read gives that was not kept.
//   Not its job:  catching the reads (live), when segments begin (ambient-scope.ts), writing entries (run/ambient-buffer.ts).
//   M1. What was kept is given back in its segment alone: a read too few shifts nothing in the next one.
//   M2. In a replay every value follows from the recording, those that were not recorded too.
//   M3. A clock that only moves forward does so across the process in which its attempt is entered again.
import { canonicalList, frozenBytes, ownView } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { derivedDraw, drawnBytes, isOfSource } from '../../journal/ambient/random-source.ts';
import { KeptReads } from '../../journal/ambient/kept-reads.ts';
import type { AmbientEntry, AmbientRead } from '../../journal/entry.ts';
import type { AmbientReads, ClockSource } from '../../port/ambient-reads.ts';
import type { RecordedReads } from '../../port/world.ts';
import type { AttemptSetup } from './attempt-setup.ts';

/** Of more readings of a clock in one segment, the first and the last are kept. */
const readingsMax = 1_000;
/** Further random values of an attempt are not kept. */
const drawnBytesMax = 64 * 1024;

/** Reads of one source in one segment that no entry holds yet. */
interface Pending {
  readonly segment: number;
  readonly source: string;
  readonly from: number;
  readonly values: Value[];
  /** The latest one, if it does not follow the others. */
  last?: { readonly place: number; readonly value: Value };
}

interface SourceReads {
  count: number;
  pending: Pending | undefined;
}

/** What the reads need to know of their attempt. */
export interface ReadingAttempt {
  readonly segment: number;
  noteUnrecorded(what: string): void;
}

export class AttemptReads implements AmbientReads {
  readonly #setup: AttemptSetup;
  readonly #attempt: ReadingAttempt;
  readonly #recorded: RecordedReads | undefined;
  readonly #kept: KeptReads | undefined;
  #pending: Pending[] = [];
  /** By source: its reads in the segment that was read in last. */
  readonly #sources = new Map<string, SourceReads>();
  #readSegment = 0;
  /** The last reading of each clock, and how far behind its readings in an earlier process it is. */
  readonly #lastReadings = new Map<ClockSource, number | bigint>();
  readonly #shifts = new Map<ClockSource, number | bigint>();
  #drawnBytes = 0;
  #entryCount: number;

  constructor(setup: AttemptSetup, attempt: ReadingAttempt) {
    this.#setup = setup;
    this.#attempt = attempt;
    this.#recorded = setup.world.reads;
    this.#kept = this.#recorded === undefined ? undefined : new KeptReads(this.#recorded.entries);
    this.#entryCount = this.#recorded?.entryCount ?? 0;
  }

  clock<Time extends number | bigint>(source: ClockSource, real: () => Time): Time {
    const reads = this.#readsOf(source);
    const kept = this.#keptAt(source, reads.count)?.value;
    const time = isReading(source, kept) ? kept : this.#reading(source, reads, real);
    reads.count += 1;
    this.#lastReadings.set(source, time);
    return time as Time;
  }

  #reading(source: ClockSource, reads: SourceReads, real: () => number | bigint): number | bigint {
    if (!this.#isReal) return this.#derivedReading(source);
    const time = this.#realReading(source, real());
    this.#keepReading(source, reads, time);
    return time;
  }

  draw<Drawn extends Value>(source: string, real: () => Drawn): Drawn {
    const reads = this.#readsOf(source);
    const kept = this.#keptAt(source, reads.count)?.value;
    const value = isOfSource(source, kept) ? this.#givenBack(kept) : this.#drawn(source, reads, real);
    reads.count += 1;
    return value as Drawn;
  }

  #givenBack(kept: Value): Value {
    this.#drawnBytes += drawnBytes(kept);
    return ownView(kept);
  }

  #drawn(source: string, reads: SourceReads, real: () => Value): Value {
    if (this.#isReal) {
      const value = real();
      this.#keepDraw(source, reads, value);
      return value;
    }
    this.#recorded?.unrecorded?.();
    const { parts, world } = this.#setup;
    const { segment } = this.#attempt;
    return derivedDraw(parts.run.seed, { at: world.drawKey, segment, source, place: reads.count });
  }

  #readsOf(source: string): SourceReads {
    const { segment } = this.#attempt;
    if (segment !== this.#readSegment) {
      this.#readSegment = segment;
      this.#sources.clear();
    }
    let reads = this.#sources.get(source);
    if (reads === undefined) {
      reads = { count: 0, pending: undefined };
      this.#sources.set(source, reads);
    }
    return reads;
  }

  #keptAt(source: string, place: number): { readonly value: Value } | undefined {
    return this.#kept?.at(this.#attempt.segment, source, place);
  }

  /** Whether what was not kept is read from the process itself. */
  get #isReal(): boolean {
    if (this.#recorded === undefined) return true;
    return this.#recorded.beyond === 'real' && this.#attempt.segment >= (this.#kept?.lastSegment ?? 0);
  }

  /** The real clock, moved forward if it was ahead before the attempt was entered again (M3). */
  #realReading(source: ClockSource, now: number | bigint): number | bigint {
    if (this.#recorded === undefined || source === 'Date.now' || source === 'Temporal.Now.instant') return now;
    const last = this.#lastReadings.get(source);
    const shifted = sum(now, this.#shifts.get(source));
    if (last === undefined || shifted >= last) return shifted;
    this.#shifts.set(source, sum(last, -now));
    return last;
  }

  /** A loop that waits for time must come to its end. */
  #derivedReading(source: ClockSource): number | bigint {
    this.#recorded?.unrecorded?.();
    const last = this.#lastReadings.get(source);
    if (last !== undefined) return sum(last, typeof last === 'bigint' ? nanosecondsPerMillisecond : 1);
    const now = this.#setup.parts.clock.now();
    switch (source) {
      case 'Date.now':
        return now;
      case 'Temporal.Now.instant':
        return BigInt(Math.round(now)) * nanosecondsPerMillisecond;
      case 'performance.now':
        return 0;
      case 'process.hrtime':
        return 0n;
    }
  }

  #keepReading(source: ClockSource, reads: SourceReads, time: Value): void {
    const place = reads.count;
    const pending = this.#pendingOf(source, reads);
    if (place < readingsMax || pending.from === place) {
      pending.values.push(time);
      return;
    }
    if (pending.from === 0) pending.values.length = 1;
    pending.last = { place, value: time };
  }

  #keepDraw(source: string, reads: SourceReads, value: Value): void {
    const before = this.#drawnBytes;
    this.#drawnBytes += drawnBytes(value);
    if (this.#drawnBytes <= drawnBytesMax)
      this.#pendingOf(source, reads).values.push(value instanceof Uint8Array ? frozenBytes(value) : value);
    else if (before <= drawnBytesMax) {
      const what = `more than ${drawnBytesMax / 1024} KB of random values in one attempt`;
      this.#attempt.noteUnrecorded(`${what}: the rest is not recorded, and this run may not replay`);
    }
  }

  #pendingOf(source: string, reads: SourceReads): Pending {
    if (reads.pending === undefined) {
      if (this.#pending.length === 0) this.#announce();
      reads.pending = { segment: this.#attempt.segment, source, from: reads.count, values: [] };
      this.#pending.push(reads.pending);
    }
    return reads.pending;
  }

  /** There is something to write, before anything outside can depend on it. */
  #announce(): void {
    const { parts, key, world } = this.#setup;
    const hold = (): void => parts.journal.ambient.hold(key, () => this.#entry());
    if (world.keepBack?.(hold) !== true) hold();
  }

  #entry(): AmbientEntry {
    const { parts, key, node } = this.#setup;
    const reads = this.#pending.flatMap(readsOf);
    this.#pending = [];
    for (const source of this.#sources.values()) source.pending = undefined;
    const ordinal = this.#entryCount;
    this.#entryCount += 1;
    return { kind: 'ambient', at: key, node: node.name, ordinal, observed: { time: parts.clock.now(), reads } };
  }
}

const nanosecondsPerMillisecond = 1_000_000n;

function readsOf({ segment, source, from, values, last }: Pending): readonly AmbientRead[] {
  const read = { segment, source, from, values: canonicalList(values) };
  return last === undefined ? [read] : [read, { ...read, from: last.place, values: canonicalList([last.value]) }];
}

function isReading(source: ClockSource, kept: Value): kept is number | bigint {
  if (source === 'Date.now' || source === 'performance.now') return typeof kept === 'number' && Number.isFinite(kept);
  return typeof kept === 'bigint';
}

function sum(time: number | bigint, more: number | bigint | undefined): number | bigint {
  if (more === undefined) return time;
  return typeof time === 'bigint' ? time + BigInt(more) : time + Number(more);
}
