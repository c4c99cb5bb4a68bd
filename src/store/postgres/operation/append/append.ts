// Appends entries to runs: one statement each, and one for all that this process asks for while others are under way.
//   A1. The fence is the lock of a run's row, taken under its token and the place of its last entry. Rows are locked in the
//       order of their numbers.
//   A2. A statement that the server refuses is tried run by run: nobody fails for what another run has written.
//   A3. What was not written is settled by the row: by token and place (`repeated-append.ts`), or by the token that the end
//       has ended.
//   A4. Large values do not hold up small ones. Their parts go ahead, and nothing refers to them before their rows are there.
//       A server that went back meanwhile may hold them no more, so the rows are written only beside them.
import { decodeValue } from '../../../../base/encode.ts';
import type { Json } from '../../../../base/encode.ts';
import { RepriseError } from '../../../../base/error.ts';
import { takenMessages } from '../../../../journal/step/taken-messages.ts';
import type { RunCheckpoint } from '../../../../journal/run/checkpoint.ts';
import { isProgress } from '../../../../journal/entry.ts';
import type { Entry } from '../../../../journal/entry.ts';
import type { CancelRequest, Lease, RunStatus } from '../../../../port/store.ts';
import { isEnded } from '../../../progress.ts';
import { heldOf } from '../../../repeated-append.ts';
import { partsAreGone } from '../../../run-error.ts';
import { CheckpointSizes } from '../../../row/checkpoint-sizes.ts';
import { plainCodec } from '../../../row/codec.ts';
import { KnownParts } from '../../../row/known-parts.ts';
import { nextTurn } from '../../../row/pause.ts';
import { StoredBatch } from '../../../row/stored-batch.ts';
import type { StoredPart } from '../../../row/stored-batch.ts';
import type { Meter } from '../../server/metrics.ts';
import { atText } from '../../server/ranges-text.ts';
import type { Server, Statement } from '../../server/server.ts';
import type { Sync } from '../../options.ts';
import { storedName } from '../../row/names.ts';
import { appendOf } from './append-text.ts';
import type { RunAppend } from './append-text.ts';
import type { Batch } from './batch-text.ts';
import { Tails, isStreamed } from './tails.ts';
import type { TailMove } from './tails.ts';
import { bundleBytes, putBundle } from '../bundle/bundles.ts';
import { foundRun, foundRuns, refusedLease, unknownRun } from '../found-run.ts';
import type { FoundRun } from '../found-run.ts';

/** So many runs at most go with one statement. */
const groupMax = 200;
/** What is longer goes alone. */
const largeLength = 256_000;

/** The run is not deleted meanwhile: its parts would stay. */
const addParts: Statement = {
  name: 'add_parts',
  text: (
    s,
  ) => `WITH locked AS MATERIALIZED (SELECT ${atText('r')} AS at FROM ${s}.run r WHERE r.id = $1 AND r.token = $2 FOR KEY SHARE),
    added AS (INSERT INTO ${s}.part (run, digest, json) SELECT l.at, p.digest, p.json
      FROM locked l, unnest($3::text[], $4::text[]) AS p (digest, json) ON CONFLICT DO NOTHING)
    SELECT at FROM locked`,
};

interface Wanted extends Batch {
  /** When it was asked for. */
  readonly begun: number;
  readonly lease: Lease;
  /** The place of the first entry, if the caller knows it. */
  readonly place: number | undefined;
  readonly ended: RunStatus | undefined;
  readonly hasProgress: boolean;
  /** A stream has written all of it, and nothing goes with it. */
  readonly isStreamed: boolean;
  readonly length: number;
  readonly digests: readonly string[];
  /** The names of parts that were written ahead. */
  readonly ahead: readonly string[];
  /** Under which number they stood when they were. */
  readonly aheadAt: unknown;
  readonly resolve: (cancel: CancelRequest | undefined) => void;
  readonly reject: (thrown: unknown) => void;
}

export interface AppendQuery {
  readonly entries: readonly Entry[];
  readonly checkpoint: (() => RunCheckpoint) | undefined;
  readonly place: number | undefined;
}

export class Appends {
  readonly #server: Server;
  readonly #known = new KnownParts();
  readonly #sizes: CheckpointSizes;
  readonly #lanes: number;
  readonly #sync: Sync;
  readonly #partsBeyond: number;
  readonly #tell: (ids: readonly string[]) => void;
  readonly #meter: Meter;
  /** The place of the last entry, by lease: for callers that name no place. */
  readonly #lasts = new Map<string, number>();
  readonly #held = new Set<number>();
  readonly #tails = new Tails();
  /** The runs that are being written: the next append of one waits (`tails.ts`, T3). */
  readonly #underWay = new Set<string>();
  #waiting: Wanted[] = [];
  #busyLanes = 0;

  /** `tell`: hears of runs that have grown and are watched. */
  constructor(
    server: Server,
    setup: {
      readonly lanes: number;
      readonly partsBeyond: number;
      readonly sync: Sync;
      readonly checkpointLength: number;
      readonly meter: Meter;
    },
    tell: (ids: readonly string[]) => void,
  ) {
    this.#server = server;
    this.#tell = tell;
    this.#meter = setup.meter;
    this.#lanes = setup.lanes;
    this.#sync = setup.sync;
    this.#partsBeyond = setup.partsBeyond;
    this.#sizes = new CheckpointSizes(setup.checkpointLength);
  }

  /** This process has taken a run, or begun one (`isNew`). */
  begin(
    lease: Lease,
    last: number,
    sizes: { readonly written: number; readonly checkpoint: number },
    { isNew, digests }: { readonly isNew: boolean; readonly digests: readonly string[] },
  ): void {
    if (isNew) this.#tails.begin(lease);
    this.#known.forget(lease.runId);
    if (digests.length > 0) this.#known.add(lease.runId, digests);
    this.#sizes.begin(lease.runId, sizes);
    this.#lasts.set(nameOf(lease), last);
    this.#held.add(lease.token);
  }

  /** The tokens of the leases that are held here. */
  get tokens(): readonly number[] {
    return [...this.#held];
  }

  forget(lease: Lease): void {
    this.#held.delete(lease.token);
    this.#tails.forget(lease);
    this.#lasts.delete(nameOf(lease));
    this.forgetRun(lease.runId);
  }

  /** Something else has changed it. */
  forgetTail(lease: Lease): void {
    this.#tails.forget(lease);
  }

  forgetRun(runId: string): void {
    this.#known.forget(runId);
    this.#sizes.forget(runId);
  }

  async append(lease: Lease, { entries: given, checkpoint, place }: AppendQuery): Promise<CancelRequest | undefined> {
    this.#server.checkWritable();
    const begun = this.#meter.begin();
    const { runId } = lease;
    const entries = [...given];
    const batch = new StoredBatch({
      runId,
      entries,
      known: this.#known,
      checkpointOf: (length) => (this.#sizes.isDue(runId, length) ? checkpoint?.() : undefined),
    });
    const { parts, bundles, digests, ahead, aheadAt } = await this.#madeParts(lease, batch);
    const end = entries.find((entry) => entry.kind === 'end');
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        begun,
        lease,
        place,
        rows: batch.rows,
        parts,
        bundles,
        ahead,
        aheadAt,
        checkpoint: batch.checkpoint,
        ended: end?.end.status,
        hasProgress: entries.some(isProgress),
        isStreamed: isStreamed(entries) && parts.length === 0 && ahead.length === 0 && batch.checkpoint === undefined,
        messages: takenMessages(entries),
        length: batch.length,
        digests,
        resolve,
        reject,
      });
      this.#pump();
    });
  }

  /**
   * Writes what is large ahead, and returns what goes with the rows. Where there is a part store, about a megabyte is held: until
   * it fills an object, or while it is not known whether the append is longer than the limit.
   */
  async #madeParts(lease: Lease, batch: StoredBatch): Promise<MadeParts> {
    const isPut = this.#server.parts !== undefined;
    const heldMax = isPut ? bundleBytes : 0;
    const references: StoredPart[] = [];
    const bundles: string[] = [];
    const ahead: string[] = [];
    let aheadAt: unknown;
    let digests: string[] = [];
    let parts: StoredPart[] = [];
    let length = 0;
    for (let before = 0; ; await nextTurn()) {
      for (const part of batch.slice(plainCodec)) {
        parts.push(part);
        length += Buffer.byteLength(String(part.column));
      }
      digests.push(...batch.digests);
      const isLarge = isPut && before + length > this.#partsBeyond;
      const { isComplete } = batch;
      if (isLarge ? parts.length > 0 && (isComplete || length > heldMax) : !isComplete && length > heldMax) {
        if (isLarge) {
          const put = await putBundle(this.#server, [storedName(lease.runId), lease.token], parts);
          if (put === undefined) throw await this.#lost(lease);
          references.push(...put.references);
          bundles.push(put.id);
        } else {
          aheadAt = await this.#addAhead(lease, parts);
          ahead.push(...parts.map(({ name }) => name));
          this.#known.add(lease.runId, digests);
          digests = [];
        }
        before += length;
        parts = [];
        length = 0;
      }
      if (isComplete) return { parts: [...references, ...parts], bundles, digests, ahead, aheadAt };
    }
  }

  /** Returns under which number they stand. */
  async #addAhead(lease: Lease, parts: Batch['parts']): Promise<unknown> {
    const names = parts.map(({ name }) => name);
    const texts = parts.map(({ column }) => column);
    const rows = await this.#server.rows(addParts, [storedName(lease.runId), lease.token, names, texts]);
    if (rows[0] === undefined) throw await this.#lost(lease);
    return rows[0].at;
  }

  #pump(): void {
    if (this.#busyLanes >= this.#lanes || !this.#waiting.some(({ lease }) => !this.#underWay.has(lease.runId))) return;
    this.#busyLanes += 1;
    // A turn later: what is asked for in this one goes together.
    void nextTurn()
      .then(() => this.#sendWhole(this.#nextGroup()))
      .finally(() => {
        this.#busyLanes -= 1;
        this.#pump();
      });
  }

  /** One append of each run at most, in the order in which they were asked for. */
  #nextGroup(): readonly Wanted[] {
    const group: Wanted[] = [];
    const rest: Wanted[] = [];
    const runIds = new Set(this.#underWay);
    for (const wanted of this.#waiting) {
      const isNext = group.length < groupMax && !runIds.has(wanted.lease.runId);
      runIds.add(wanted.lease.runId);
      if (!isNext) rest.push(wanted);
      else if (wanted.ahead.length > 0 || lengthOf(wanted) > largeLength) void this.#sendWhole([wanted]);
      else group.push(wanted);
    }
    this.#waiting = rest;
    return group;
  }

  async #sendWhole(group: readonly Wanted[]): Promise<void> {
    for (const { lease } of group) this.#underWay.add(lease.runId);
    await this.#send(group);
    for (const { lease } of group) this.#underWay.delete(lease.runId);
    this.#pump();
  }

  async #send(group: readonly Wanted[]): Promise<void> {
    if (group.length === 0) return;
    let known: readonly Placed[] = [];
    try {
      known = await this.#placed(group);
      const { statement, values } = appendOf(known.map(appendOfRun), this.#sync);
      const { rows, wasRepeated } = await this.#server.ask(statement, values);
      const cancels = new Map(rows.map(({ i, cancel }) => [Number(i) - 1, cancel as string | null]));
      this.#meter.tell('append-runs', known.length);
      this.#tell(rows.filter(({ watched }) => watched === true).map(({ id }) => String(id)));
      const refused: Placed[] = [];
      for (const [index, placed] of known.entries()) {
        const cancel = cancels.get(index);
        if (cancel === undefined) refused.push(placed);
        else {
          const { wanted, expected, tail } = placed;
          this.#tails.written(wanted.lease, tail, wanted.rows);
          this.#written(wanted, expected + wanted.rows.length, cancel);
        }
      }
      if (refused.length > 0) await this.#settle(refused, wasRepeated);
    } catch (thrown) {
      const [only] = group;
      if (only === undefined || group.length > 1) {
        for (const wanted of group) await this.#send([wanted]);
        return;
      }
      this.#tails.forget(only.lease);
      if (known[0]?.tail === 'grows' && isElsewhere(thrown)) await this.#send(group);
      else only.reject(thrown);
    }
  }

  /** After which entry each append comes. */
  async #placed(group: readonly Wanted[]): Promise<readonly Placed[]> {
    const placed: Placed[] = [];
    for (const wanted of group) {
      const { lease, place } = wanted;
      const last = place === undefined ? (this.#lasts.get(nameOf(lease)) ?? (await this.#lastOf(lease))) : place - 1;
      const tail = this.#tails.moveOf(lease, wanted.isStreamed ? wanted.rows : undefined);
      placed.push({ wanted, expected: last, tail });
    }
    return placed;
  }

  /** A lease that was not obtained here. */
  async #lastOf({ runId, token }: Lease): Promise<number> {
    const found = (await foundRuns(this.#server, [runId])).get(storedName(runId));
    return found?.token === token ? found.last : -1;
  }

  async #settle(refused: readonly Placed[], wasRepeated: boolean): Promise<void> {
    const found = await foundRuns(
      this.#server,
      refused.map(({ wanted }) => wanted.lease.runId),
    );
    for (const placed of refused) {
      const { lease, reject } = placed.wanted;
      this.#tails.forget(lease);
      const run = found.get(storedName(lease.runId));
      try {
        if (run === undefined) throw unknownRun(this.#server, lease.runId);
        this.#settleOne(placed, run, wasRepeated);
      } catch (thrown) {
        this.forget(lease);
        reject(thrown);
      }
    }
  }

  #settleOne({ wanted, expected }: Placed, run: FoundRun, wasRepeated: boolean): void {
    const { lease, place, rows, ended } = wanted;
    const count = run.last + 1;
    // Without a place, only a statement that was repeated can have been written before.
    const first = place ?? (wasRepeated ? expected + 1 : count);
    const isOwnEnd = run.past === lease.token && isEnded(run.status) && ended !== undefined;
    if (isOwnEnd && count === first + rows.length) {
      this.#written(wanted, run.last, run.cancel);
      return;
    }
    if (run.token !== lease.token) throw refusedLease(lease, run);
    if (run.last === expected && wanted.ahead.length > 0) {
      if (run.at === wanted.aheadAt) throw partsAreGone(lease.runId);
      // They were moved since, with the other rows of the run.
      this.#waiting.unshift({ ...wanted, aheadAt: run.at });
      this.#pump();
      return;
    }
    const held = heldOf(lease.runId, first, count);
    if (held >= rows.length && rows.length > 0) {
      this.#written(wanted, run.last, run.cancel);
      return;
    }
    this.#lasts.set(nameOf(lease), run.last);
    this.#waiting.unshift({ ...wanted, rows: rows.slice(held), place: place === undefined ? undefined : count });
    this.#pump();
  }

  #written(
    { begun, lease, ended, digests, length, checkpoint, resolve }: Wanted,
    last: number,
    cancel: string | null,
  ): void {
    const { runId } = lease;
    if (ended === undefined) {
      this.#lasts.set(nameOf(lease), last);
      if (digests.length > 0) this.#known.add(runId, digests);
      this.#sizes.add(runId, length, checkpoint?.length);
    } else this.forget(lease);
    this.#meter.took('append-ms', begun);
    resolve(cancel === null ? undefined : cancelOf(runId, cancel));
  }

  async #lost(lease: Lease): Promise<unknown> {
    return refusedLease(lease, await foundRun(this.#server, lease.runId));
  }
}

/** What is written with the rows of a batch. */
interface MadeParts {
  readonly parts: readonly StoredPart[];
  readonly bundles: readonly string[];
  readonly digests: readonly string[];
  /** The names of those that were written ahead, and under which number they stood then. */
  readonly ahead: readonly string[];
  readonly aheadAt: unknown;
}

interface Placed {
  readonly wanted: Wanted;
  /** The place of the last entry before it. */
  readonly expected: number;
  readonly tail: TailMove | undefined;
}

/** The tail that was to grow ends elsewhere: its row would have had no text. */
function isElsewhere(thrown: unknown): boolean {
  return thrown instanceof RepriseError && thrown.fields.postgres === '23502';
}

function appendOfRun({ wanted, expected, tail }: Placed): RunAppend {
  const { lease, ended, hasProgress, ahead, aheadAt, length } = wanted;
  return { ...lease, expected, ended, hasProgress, ahead, aheadAt, length, batch: { ...wanted, tail } };
}

function nameOf({ runId, token }: Lease): string {
  return `${token} ${runId}`;
}

function lengthOf({ rows, parts, checkpoint }: Batch): number {
  let length = checkpoint?.column.length ?? 0;
  for (const { column } of rows) length += column.length;
  for (const { column } of parts) length += column.length;
  return length;
}

export function cancelOf(runId: string, text: string): CancelRequest {
  return { runId, reason: decodeValue(JSON.parse(text) as Json) };
}
