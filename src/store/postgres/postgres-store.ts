// Keeps many runs in a PostgreSQL database that any number of machines may use at once.
//   P1. Each operation is one statement, or one that changes something and some that only read: there is no transaction that
//       a lost process could leave open. A delete leaves rows to sweep, which the next one does as well.
//   P2. The owner's token is checked under the lock of the run's row, so a process that lost a run never writes to it again.
//   P3. Whatever was asked for may be asked for again.
import { noOptions } from '../../base/options/option-shape.ts';
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { errandPlace, isErrandId } from '../../journal/errand.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type { Inbox, Message } from '../../port/inbox.ts';
import type { Errands } from '../../port/errands.ts';
import type { Recordings } from '../../port/recordings.ts';
import type { Workers } from '../../port/workers.ts';
import type {
  CancelRequest,
  Changes,
  ChangesQuery,
  Claim,
  ClaimedRun,
  DueQuery,
  Label,
  Lease,
  PlacedCheckpoint,
  PlacedChunks,
  PrunableStore,
  PruneQuery,
  Queue,
  Release,
  RunQuery,
  RunSummary,
  Sent,
  Watch,
  WatchTopic,
} from '../../port/store.ts';
import { pruneSettings } from '../prune-query.ts';
import { Appends } from './operation/append/append.ts';
import { changedRuns } from './operation/changes.ts';
import { cancelRequests, renewClaim, requestCancel, requestedCancel } from './operation/cancels.ts';
import { deleteRun } from './operation/forgetting/forgetting.ts';
import { pruneRuns } from './operation/forgetting/pruning.ts';
import { inboxOf, sendMessage } from './operation/inbox.ts';
import { addLabel, dropChunks, labelsOf } from './operation/labels.ts';
import { Doubts } from './operation/append/doubts.ts';
import type { Claims } from './operation/append/doubts.ts';
import { claimDueRuns, dueRuns } from './operation/due.ts';
import { serverErrands } from './operation/errands.ts';
import { Stands } from './operation/found-run.ts';
import { Finds, listRuns } from './operation/listing.ts';
import { createRun, releaseRun, takeRun } from './operation/owning.ts';
import { latestCheckpoint, readJournal } from './operation/reading.ts';
import { serverRecordings } from './operation/recordings.ts';
import { continueRunWith, serverWorkers } from './operation/workers.ts';
import { fingerprintOf } from '../progress.ts';
import { postgresSettings } from './options.ts';
import { tellOperations } from './told-operations.ts';
import type { PostgresSettings, PostgresStoreOptions } from './options.ts';
import { storedName } from './row/names.ts';
import { serverPlace, shownUrl, wantedSettings } from './server/address.ts';
import { Notifications, dueOf, errandOf, grown } from './server/notifications.ts';
import { Meter, storeGauges } from './server/metrics.ts';
import type { StoreGaugeName, StoreMetric } from './server/metrics.ts';
import { givenPool, openPool } from './server/pool.ts';
import type { OpenPool, PostgresPool } from './server/pool.ts';
import { serverWarnings } from './server/safety.ts';
import type { ServerWarning } from './server/safety.ts';
import { Ranges } from './server/ranges.ts';
import { Server } from './server/server.ts';
import { serverTime, timeOf } from './server/store-clock.ts';
import type { StoreClock } from './server/store-clock.ts';

/** A connection or statement that is silent for so long counts as lost. */
const silenceMs = 5_000;
/** Connections for everything but appends. One of them listens. */
const otherConnections = 5;

/** A store of runs in a PostgreSQL database. */
export interface PostgresStore extends PrunableStore {
  /**
   * What about the server makes runs unsafe, or unlike what is to be expected; empty if nothing does. `now`: the clock of this
   * machine, in milliseconds since 1970.
   *
   * ```ts
   * import { PGlite } from '@electric-sql/pglite';
   * import { postgresStore } from 'reprise/postgres';
   *
   * const database = await PGlite.create();
   * const store = postgresStore(database);
   * console.log((await store.check(Date.now)).filter(({ level }) => level === 'note').length); // 0
   * await store.close();
   * await database.close();
   * ```
   *
   * @throws RepriseError `store-unreachable`, `store-unreadable`
   */
  check(now: () => number): Promise<readonly ServerWarning[]>;
  /**
   * How it stands with the store, for dashboards and alarms: runs that are due and for how long, the server's queue for
   * notifications, statements that wait for a connection. One statement, which looks at all runs that have not ended: ask every
   * few seconds. What happens in between is told to the option `onMetric`.
   *
   * ```ts
   * import { PGlite } from '@electric-sql/pglite';
   * import { postgresStore } from 'reprise/postgres';
   *
   * const database = await PGlite.create();
   * const store = postgresStore(database);
   * for (const { name, value } of await store.metrics()) console.log(name, value); // due-runs 0
   * // oldest-due-ms 0
   * // notification-queue 0
   * await store.close();
   * await database.close();
   * ```
   *
   * @throws RepriseError `store-unreachable`, `store-unreadable`
   */
  metrics(): Promise<readonly StoreMetric<StoreGaugeName>[]>;
}

/**
 * A store of runs in a PostgreSQL database (13 or newer), for runs that several machines drive. Its tables are made on
 * first use, in a schema of their own; everything is one statement, so any pooler in transaction mode may stand between.
 *
 * `url`: the address of the server, for which the package `pg` has to be installed, with the schema as a parameter if that is
 * not `reprise` (`postgres://db.example/runs?schema=desk`); or a pool of yours, which is never closed here. Passwords are in no
 * message.
 *
 * Whether a claim holds and a run is due is reckoned by the clock of the server.
 *
 * ```ts
 * import { PGlite } from '@electric-sql/pglite';
 * import { createEngine, fields, graph, sum } from 'reprise';
 * import { postgresStore } from 'reprise/postgres';
 *
 * const counter = graph('counter', { state: fields({ count: sum() }) })
 *   .node('add', () => ({ delta: { count: 1 } }))
 *   .start('add')
 *   .build();
 * // In production: postgresStore('postgres://reprise@db.example/runs'). A test needs no server:
 * const database = await PGlite.create();
 * const engine = createEngine(counter, { store: postgresStore(database) });
 * console.log((await engine.run({}).orThrow()).count); // 1
 * await engine.close();
 * await database.close();
 * ```
 *
 * @throws RepriseError `option-invalid`; on first use: `peer-missing`, `store-unreachable`, `store-version-unknown`,
 *   `store-unreadable`, `store-read-only`
 */
export function postgresStore(url: string | PostgresPool, options: PostgresStoreOptions = noOptions): PostgresStore {
  return openedStore(url, postgresSettings(url, options), 'server');
}

/** `clock`: for the laws of stores, which bring one of their own. */
export function openedStore(url: string | PostgresPool, settings: PostgresSettings, clock: StoreClock): PostgresStore {
  const { schema, lanes, patienceMs, mode } = settings;
  const shown = `${typeof url === 'string' ? shownUrl(url) : 'in a PostgreSQL database'}, schema ${schema}`;
  const open = (): OpenPool =>
    typeof url === 'string'
      ? openPool({ url: serverPlace(url).url, max: lanes + otherConnections, silenceMs })
      : givenPool(url);
  const meter = new Meter(settings.onMetric);
  const onDoubt = (): void => meter.tell('in-doubt', 1);
  const wanted = typeof url === 'string' ? wantedSettings(url) : [];
  const { parts, partsGraceMs } = settings;
  const server = new Server({
    open,
    wantedSettings: wanted,
    schema,
    shown,
    mode,
    patienceMs,
    silenceMs,
    onDoubt,
    parts,
    partsGraceMs,
  });
  const store = new ServerStore(server, { ...settings, meter }, clock);
  if (settings.onOperation !== undefined) tellOperations(store, settings.onOperation);
  return store;
}

class ServerStore implements PostgresStore {
  readonly isDurable = true;
  readonly recordings: Recordings;
  readonly workers: Workers;
  readonly errands: Errands;
  readonly #server: Server;
  readonly #appends: Appends;
  readonly #notifications: Notifications;
  readonly #clock: StoreClock;
  readonly #claims: Claims;
  readonly #meter: Meter;
  readonly #finds: Finds;
  readonly #stands = new Stands();

  constructor(server: Server, settings: PostgresSettings & { readonly meter: Meter }, clock: StoreClock) {
    this.#server = server;
    this.#meter = settings.meter;
    this.#notifications = new Notifications(server);
    this.#appends = new Appends(server, settings, (ids) => this.#notifications.tell(ids.map(grown)));
    this.#clock = clock;
    this.#finds = new Finds(server);
    this.#claims = { clock, doubts: new Doubts(), ranges: new Ranges(server) };
    this.recordings = serverRecordings(server, clock);
    this.workers = serverWorkers(server, clock);
    this.errands = serverErrands(server, this.#claims.ranges, (topics) => this.#notifications.tell(topics));
  }

  async time(): Promise<number> {
    return timeOf(this.#clock) ?? serverTime(this.#server);
  }

  async create(run: RunEntry, first: readonly Entry[] = [], owner?: Claim | Queue): Promise<Lease> {
    const begun = await createRun(this.#server, this.#claims, { run, first, owner });
    const { lease, last, digests, length, isDue } = begun;
    this.#appends.begin(lease, last, { written: length, checkpoint: 0 }, { isNew: true, digests });
    if (isDue) this.#notifications.tell([dueOf(storedName(run.graph.name))]);
    return lease;
  }

  async take(runId: string, claim?: Claim): Promise<Lease> {
    const { lease, last, sizes, stand, isTakeover } = await takeRun(this.#server, this.#claims, runId, claim);
    if (isTakeover) this.#meter.tell('takeover', 1);
    this.#stands.claimed(runId, stand, sizes);
    this.#appends.begin(lease, last, sizes, { isNew: false, digests: [] });
    return lease;
  }

  async append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Promise<CancelRequest | undefined> {
    this.#stands.isBare(lease.runId);
    const cancel = await this.#fenced(this.#appends.append(lease, { entries, checkpoint, place }));
    const fingerprint = fingerprintOf(entries);
    if (fingerprint !== undefined) await continueRunWith(this.#server, lease, fingerprint);
    if (isErrandId(lease.runId) && entries.at(-1)?.kind === 'end')
      this.#notifications.tell([errandOf(storedName(errandPlace(lease.runId).runId))]);
    return cancel;
  }

  async dropChunks(lease: Lease, chunks: readonly PlacedChunks[]): Promise<void> {
    await this.#fenced(dropChunks(this.#server, { lease, stands: this.#stands }, chunks));
    this.#appends.forgetTail(lease);
  }

  async release(lease: Lease, release: Release = { status: 'interrupted' }): Promise<void> {
    this.#notifications.tell(await this.#fenced(releaseRun(this.#server, lease, { release, clock: this.#clock })));
    this.#appends.forget(lease);
  }

  async renew(claim: Claim): Promise<readonly CancelRequest[]> {
    await this.#settle(claim);
    return renewClaim(this.#server, this.#claims, claim);
  }

  cancelRequests(owner: string): Promise<readonly CancelRequest[]> {
    return cancelRequests(this.#server, owner);
  }

  requestedCancel(runId: string): Promise<CancelRequest | undefined> {
    return requestedCancel(this.#server, runId);
  }

  async requestCancel(runId: string, reason: Value): Promise<void> {
    this.#notifications.tell(await requestCancel(this.#server, runId, reason));
  }

  async send(runId: string, message: Message, last?: number): Promise<number | undefined> {
    const { number, told } = await sendMessage(this.#server, this.#clock, { runId, message, last });
    this.#notifications.tell(told);
    return number;
  }

  inbox(runId: string, after = 0): Promise<Inbox> {
    return inboxOf(this.#server, runId, after);
  }

  due(graph: string, limit: number, isGone?: Claim['isGone']): Promise<readonly RunSummary[]> {
    return dueRuns(this.#server, this.#clock, { graph, limit, isGone });
  }

  async claimDue(query: DueQuery): Promise<readonly ClaimedRun[]> {
    await this.#settle(query.claim);
    const claimed = await claimDueRuns(this.#server, this.#claims, query);
    return claimed.map(({ lease, last, sizes, stand, was, isTakeover }) => {
      if (isTakeover) this.#meter.tell('takeover', 1);
      this.#stands.claimed(lease.runId, stand, sizes);
      this.#appends.begin(lease, last, sizes, { isNew: false, digests: [] });
      return { lease, was };
    });
  }

  label(runId: string, label: Label): Promise<void> {
    return addLabel(this.#server, runId, label);
  }

  labels(runId: string): Promise<readonly Label[]> {
    return labelsOf(this.#server, runId);
  }

  read(runId: string, from = 0, limit = Number.POSITIVE_INFINITY): AsyncIterable<Entry> {
    return readJournal(this.#server, { runId, from, limit, stands: this.#stands });
  }

  async checkpoint(runId: string, step = Number.MAX_SAFE_INTEGER): Promise<PlacedCheckpoint | undefined> {
    // The first to ask is the process that claimed it.
    if (this.#stands.isBare(runId)) return undefined;
    return latestCheckpoint(this.#server, { runId, step, stands: this.#stands });
  }

  find(runId: string): Promise<RunSummary | undefined> {
    return this.#finds.find(runId);
  }

  async list(query: RunQuery): Promise<readonly RunSummary[]> {
    return listRuns(this.#server, query);
  }

  changes(query: ChangesQuery): Promise<Changes> {
    return changedRuns(this.#server, query);
  }

  async delete(runId: string): Promise<void> {
    await deleteRun(this.#server, this.#clock, runId);
    this.#appends.forgetRun(runId);
    this.#stands.isBare(runId);
  }

  async prune(query: PruneQuery): Promise<readonly RunSummary[]> {
    return pruneRuns(this.#server, this.#clock, pruneSettings(query));
  }

  watch(topic: WatchTopic, onChange: (sent?: Sent) => void): Watch {
    return this.#notifications.watch(topic, onChange);
  }

  /** Before an owner claims, what it has without knowing is given back. */
  async #settle({ owner }: Claim): Promise<void> {
    this.#server.checkWritable();
    const { doubts } = this.#claims;
    this.#notifications.tell(await doubts.settle(this.#server, owner));
    this.#notifications.tell(await doubts.settleStrays(this.#server, owner, () => this.#appends.tokens));
  }

  /** What only the owner of a run may do. */
  async #fenced<Result>(done: Promise<Result>): Promise<Result> {
    try {
      return await done;
    } catch (thrown) {
      if (thrown instanceof RepriseError && thrown.code === 'lease-lost') this.#meter.tell('lease-lost', 1);
      throw thrown;
    }
  }

  metrics(): Promise<readonly StoreMetric<StoreGaugeName>[]> {
    return storeGauges(this.#server, this.#clock);
  }

  check(now: () => number): Promise<readonly ServerWarning[]> {
    return serverWarnings(this.#server, now);
  }

  async close(): Promise<void> {
    await this.#notifications.close();
    await this.#server.close();
  }
}
