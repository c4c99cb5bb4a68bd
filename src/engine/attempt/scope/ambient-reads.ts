// What the code of one attempt reads of its process without asking the engine. Live it is real, and kept; a replay and
// an attempt that is entered again get back what was kept, by segment, source and place.
//   Owns:         the places within a segment, what no entry holds yet, what a read gives that was not kept.
//   Not its job:  catching the reads (live), when segments begin (attempt-ambient.ts), writing entries
//                 (run/journal/ambient-buffer.ts).
//   M1. What was kept is given back in its segment: a read too few, or too many, shifts nothing in the next one.
//   M4. A read too many gets what was kept for a later segment: the code may only have come to it earlier.
//   M5. In an order that was not recorded the work of other tasks may draw here, and what it draws to tell its jobs apart is
//       never the same in a live run: nothing is drawn twice.
//   M2. In a replay every value follows from the recording, those that were not recorded too.
//   M3. A clock that only moves forward does so across the process in which its attempt is entered again.
import { ownView } from '../../../base/own-view.ts';
import { canonicalList, frozenBytes } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { derivedDraw, drawnBytes, isOfSource } from '../../../journal/ambient/random-source.ts';
import { KeptReads } from '../../../journal/ambient/kept-reads.ts';
import type { ReadAt } from '../../../journal/ambient/kept-reads.ts';
import type { AmbientEntry, AmbientRead } from '../../../journal/entry.ts';
import type { AmbientReads, ClockSource } from '../../../port/ambient-reads.ts';
import type { RecordedReads } from '../../../port/world.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

/** Of more readings of a clock between two things that reach the attempt, the first and the last are kept. */
const readingsMax = 1_000;
/** Further random values of an attempt are not kept. */
const drawnBytesMax = 64 * 1024;

/** Reads of one source in one segment that no entry holds yet. */
interface Pending {
  readonly segment: number;
  readonly source: string;
  readonly task: string | undefined;
  readonly from: number;
  readonly values: Value[];
  /** The latest one, if it does not follow the others. */
  last?: { readonly place: number; readonly value: Value };
}

/** The reads of one source by one task inside the attempt, or by its code outside of tasks. */
interface SourceReads {
  readonly source: string;
  readonly task: string | undefined;
  segment: number;
  /** How many there were in the segment. */
  count: number;
  /** How many of them before the latest part of a body, and how many such parts had come. */
  before: number;
  parts: number;
  /** The last that was kept and given back. */
  given: ReadAt | undefined;
  pending: Pending | undefined;
  /** The last reading, of a clock. */
  last: number | bigint | undefined;
}

/** What the reads need to know of their attempt. */
export interface ReadingAttempt {
  /** The path of the task inside it that runs now; undefined outside of all. */
  readonly task: string | undefined;
  segment(task: string | undefined): number;
  /** How many parts of bodies have reached its code. */
  readonly partCount: number;
  noteUnrecorded(what: string): void;
  nextAmbient(): number;
}

export class AttemptReads implements AmbientReads {
  readonly #setup: AttemptSetup;
  readonly #attempt: ReadingAttempt;
  readonly #ending: { readonly isDone?: boolean };
  readonly #recorded: RecordedReads | undefined;
  readonly #kept: KeptReads | undefined;
  #pending: Pending[] = [];
  readonly #sources = new Map<string, SourceReads>();
  /** How far clocks are behind their readings in an earlier process. */
  readonly #shifts = new Map<ClockSource, number | bigint>();
  #drawnBytes = 0;

  constructor(setup: AttemptSetup, attempt: ReadingAttempt, ending: { readonly isDone?: boolean }) {
    this.#ending = ending;
    this.#setup = setup;
    this.#attempt = attempt;
    this.#recorded = setup.world.reads;
    if (this.#recorded !== undefined) this.#kept = new KeptReads(this.#recorded.entries);
  }

  clock<Time extends number | bigint>(source: ClockSource, real: () => Time): Time {
    const reads = this.#readsOf(source);
    const isStill = this.#recorded?.isStill === true && reads.count < readingsMax;
    const kept = isStill ? this.#stillTime(source) : this.#keptFor(reads, (value) => isReading(source, value));
    const time = kept === undefined ? this.#reading(source, reads, real) : (kept as Time);
    reads.count += 1;
    reads.last = time;
    this.#recorded?.given?.(source, time);
    return time as Time;
  }

  #reading(source: ClockSource, reads: SourceReads, real: () => number | bigint): number | bigint {
    if (!this.#isReal(reads)) return this.#derivedReading(source, reads);
    const time = this.#realReading(source, reads, real());
    this.#keepReading(reads, time);
    return time;
  }

  draw<Drawn extends Value>(source: string, real: () => Drawn): Drawn {
    const reads = this.#readsOf(source);
    const kept = this.#keptFor(reads, (value) => isOfSource(source, value), this.#recorded?.drawsOnce);
    const value = kept === undefined ? this.#drawn(reads, real) : (this.#givenBack(kept) as Drawn);
    reads.count += 1;
    this.#recorded?.given?.(source, value as Value);
    return value as Drawn;
  }

  /** What was kept for this read, or for a later one (M4). */
  #keptFor(reads: SourceReads, isOne: (kept: Value) => boolean, isOnce = false): Value {
    const { segment, source, count: place, given, last } = reads;
    const own = this.#kept?.at(reads, place)?.value;
    if (isOne(own)) {
      if (given === undefined || segment > given.segment || (segment === given.segment && place > given.place))
        reads.given = { segment, place };
      else if (isOnce) return undefined;
      // It was given to a read too many.
      else this.#unrecorded(source);
      return own;
    }
    const later = this.#kept?.later(reads, given);
    // A clock may be set back; a reading that is given early shall not be why.
    if (later === undefined || !isOne(later.value) || (last !== undefined && (later.value as number) < last))
      return undefined;
    reads.given = later;
    return later.value;
  }

  #givenBack(kept: Value): Value {
    this.#drawnBytes += drawnBytes(kept);
    return ownView(kept);
  }

  #drawn(reads: SourceReads, real: () => Value): Value {
    if (this.#isReal(reads)) {
      const value = real();
      this.#keepDraw(reads, value);
      return value;
    }
    this.#unrecorded(reads.source);
    const { parts, world } = this.#setup;
    const { segment, task, source, count: place } = reads;
    return derivedDraw(parts.seed.current, { at: world.drawKey, segment, task, source, place });
  }

  /**
   * Live, an attempt is over with its code. In a replay it waits for its place, and what comes after its code meanwhile, such as
   * the end of a body in a client's stream, reads what no recording has and nothing depends on.
   */
  #unrecorded(source: string): void {
    if (this.#ending.isDone !== true) this.#recorded?.unrecorded?.(source);
  }

  #readsOf(source: string): SourceReads {
    const { task } = this.#attempt;
    const key = task === undefined ? source : `${source} ${task}`;
    const segment = this.#attempt.segment(task);
    let reads = this.#sources.get(key);
    if (reads === undefined) {
      const parts = this.#attempt.partCount;
      reads = {
        source,
        task,
        segment,
        count: 0,
        before: 0,
        parts,
        given: undefined,
        pending: undefined,
        last: undefined,
      };
      this.#sources.set(key, reads);
    } else if (reads.segment !== segment) {
      reads.segment = segment;
      reads.count = 0;
      reads.before = 0;
      reads.pending = undefined;
    }
    if (reads.parts !== this.#attempt.partCount) {
      reads.parts = this.#attempt.partCount;
      reads.before = reads.count;
      // What follows the last of a long row is a row of its own.
      if (reads.pending?.last !== undefined) reads.pending = undefined;
    }
    return reads;
  }

  /** Whether what was not kept is read from the process itself. */
  #isReal({ segment, task }: SourceReads): boolean {
    if (this.#recorded === undefined) return true;
    return this.#recorded.beyond === 'real' && segment >= (this.#kept?.lastSegment(task) ?? 0);
  }

  /** The real clock, moved forward if it was ahead before the attempt was entered again (M3). */
  #realReading(source: ClockSource, { last }: SourceReads, now: number | bigint): number | bigint {
    if (this.#recorded === undefined || source === 'Date.now' || source === 'Temporal.Now.instant') return now;
    const shifted = sum(now, this.#shifts.get(source));
    if (last === undefined || shifted >= last) return shifted;
    this.#shifts.set(source, sum(last, -now));
    return last;
  }

  /** So many readings of a segment are the same. A loop that waits for time comes to its end all the same. */
  #stillTime(source: ClockSource): number | bigint {
    const { time } = this.#setup.parts.run.observed;
    if (source === 'Date.now') return time;
    if (source === 'Temporal.Now.instant') return BigInt(time) * nanosecondsPerMillisecond;
    return source === 'performance.now' ? 0 : 0n;
  }

  /** A loop that waits for time must come to its end. */
  #derivedReading(source: ClockSource, reads: SourceReads): number | bigint {
    this.#unrecorded(source);
    const near = this.#kept?.nearest(reads);
    const last = reads.last ?? (isReading(source, near) ? near : undefined);
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

  #keepReading(reads: SourceReads, time: Value): void {
    const { count: place, before } = reads;
    const pending = this.#pendingOf(reads);
    if (place < before + readingsMax || pending.from === place) {
      pending.values.push(time);
      return;
    }
    if (pending.from <= before) pending.values.length = before - pending.from + 1;
    pending.last = { place, value: time };
  }

  #keepDraw(reads: SourceReads, value: Value): void {
    const before = this.#drawnBytes;
    this.#drawnBytes += drawnBytes(value);
    if (this.#drawnBytes <= drawnBytesMax)
      this.#pendingOf(reads).values.push(value instanceof Uint8Array ? frozenBytes(value) : value);
    else if (before <= drawnBytesMax) {
      const what = `more than ${drawnBytesMax / 1024} KB of random values in one attempt`;
      this.#attempt.noteUnrecorded(`${what}: the rest is not recorded, and this run may not replay`);
    }
  }

  #pendingOf(reads: SourceReads): Pending {
    if (reads.pending === undefined) {
      if (this.#pending.length === 0) this.#announce();
      const { segment, source, task, count } = reads;
      reads.pending = { segment, source, task, from: count, values: [] };
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
    const ordinal = this.#attempt.nextAmbient();
    return { kind: 'ambient', at: key, node: node.name, ordinal, observed: { time: parts.clock.now(), reads } };
  }
}

const nanosecondsPerMillisecond = 1_000_000n;

function readsOf({ segment, source, task, from, values, last }: Pending): readonly AmbientRead[] {
  const read = { segment, source, ...(task === undefined ? {} : { task }), from, values: canonicalList(values) };
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
