// Keeps runs in memory for the life of the process. Entries are canonical and frozen, so they are stored uncopied.
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { isProgress } from '../../journal/entry.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import { checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import type { Value } from '../../base/value.ts';
import type {
  CancelRequest,
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
  RunStatus,
  RunSummary,
} from '../../port/store.ts';
import type { Inbox, Message } from '../../port/inbox.ts';
import { isErrandName } from '../../journal/errand.ts';
import { takenMessages } from '../../journal/step/taken-messages.ts';
import { takenFrom } from '../claims.ts';
import { MemoryClaims } from './memory-claims.ts';
import { MemoryErrands } from './memory-errands.ts';
import { cancelOf, drivenOf, summaryOf } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';
import { sortedLabels } from '../labels.ts';
import { MemoryInbox } from './memory-inbox.ts';
import { leftAloneBy, mayDrive, workerMark } from '../driving.ts';
import { fairShare } from '../fairness.ts';
import { MemoryWorkers } from './memory-workers.ts';
import { MemoryRecordings, asTaken, openRecording } from './memory-recordings.ts';
import { fingerprintOf, isEnded } from '../progress.ts';
import { pruneSettings } from '../prune-query.ts';
import { leaseLost, runEnded, runExists, runOwned, runUnknown, storeClosed } from '../run-error.ts';
import { limitOf } from '../run-query.ts';
import { heldOf, isRepeatedEnd } from '../repeated-append.ts';
import { machineTime, storeTimeOption } from '../store-time.ts';
import type { StoreTime } from '../store-time.ts';

/** Only for tests that set the time of a memory store by hand. */
export interface MemoryStoreOptions {
  /**
   * The time by which claims hold and runs are due, in milliseconds since 1970; by default that of this machine. For tests
   * that wait for nothing.
   */
  readonly now?: () => number;
}

export const memoryStoreOptions = optionShape<MemoryStoreOptions>('memoryStore', { now: storeTimeOption });

/**
 * An in-memory store: nothing outlives the process. It copies nothing and never yields to the event loop.
 *
 * @throws RepriseError `option-invalid`
 */
export function memoryStore(options: MemoryStoreOptions = noOptions): PrunableStore {
  checkOptions(memoryStoreOptions, options);
  return new MemoryStore(options.now ?? machineTime);
}

class MemoryStore implements PrunableStore {
  readonly isDurable = false;
  readonly #runs = new Map<string, StoredRun>();
  readonly recordings: MemoryRecordings;
  readonly workers: MemoryWorkers;
  readonly #now: StoreTime;
  readonly #claims: MemoryClaims;
  /** The highest token of any deleted run. New runs start above it, so old leases stay void even if an id is reused. */
  #tokenFloor = 0;
  #isClosed = false;

  readonly errands: MemoryErrands;

  constructor(now: StoreTime) {
    this.#now = now;
    this.#claims = new MemoryClaims(now);
    this.errands = new MemoryErrands(this.#runs, {
      create: (errand) => void this.create(errand, [], { status: 'queued', wakeAt: 0 }),
      forget: (runId) => this.#forget(runId),
    });
    this.recordings = new MemoryRecordings(this.#runs, now);
    this.workers = new MemoryWorkers(now, {
      due: (isGone) =>
        [...this.#runs.values()]
          .filter((run) => !isErrandName(run.run.graph.name) && this.#isDue(run, isGone))
          .map(drivenOf),
      countOf: (owner) =>
        [...this.#runs.values()].filter((run) => run.status === 'running' && run.owner === owner).length,
    });
  }

  time(): number {
    return this.#now();
  }

  create(run: RunEntry, first: readonly Entry[] = [], owner?: Claim | Queue): Lease {
    this.#checkOpen();
    const { runId } = run.observed;
    if (this.#runs.has(runId)) throw runExists(runId);
    const claim = owner !== undefined && 'owner' in owner ? owner : undefined;
    const queue = owner !== undefined && 'status' in owner ? owner : undefined;
    if (claim !== undefined) this.#claims.claim(claim);
    const token = this.#tokenFloor + 1;
    this.#runs.set(runId, {
      run,
      entries: [run, ...first],
      step: 0,
      counted: 0,
      labels: new Map(),
      checkpoint: undefined,
      token,
      status: queue?.status ?? 'running',
      owner: claim?.owner,
      wakeAt: queue?.wakeAt,
      cancel: undefined,
      takeovers: 0,
      fingerprint: fingerprintOf([run, ...first]) ?? run.fingerprint,
      refused: new Set(),
      inbox: new MemoryInbox(),
      recording: undefined,
    });
    this.#open(runId, owner);
    return { runId, token };
  }

  take(runId: string, claim?: Claim): Lease {
    this.#checkOpen();
    const run = this.#run(runId);
    if (run.status === 'done' || run.status === 'cancelled') throw runEnded(runId, run.status);
    if (claim !== undefined && this.#isOwnedByAnother(run, claim)) throw runOwned(runId);
    if (claim !== undefined) this.#claims.claim(claim);
    this.#open(runId, claim);
    const from = takenFrom(run, claim);
    run.takeovers = from.takeovers ?? 0;
    run.token += 1;
    run.status = 'running';
    run.owner = claim?.owner;
    run.wakeAt = undefined;
    return { runId, token: run.token, ...from };
  }

  append(
    lease: Lease,
    given: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): CancelRequest | undefined {
    this.#checkOpen();
    const run = this.#run(lease.runId);
    if (isRepeatedEnd(run, lease, { entries: given, place, count: run.entries.length })) return cancelOf(run);
    if (run.token !== lease.token) throw leaseLost(lease.runId);
    const held = place === undefined ? 0 : heldOf(lease.runId, place, run.entries.length);
    const entries = held === 0 ? given : given.slice(held);
    if (entries.length === 0) return cancelOf(run);
    if (run.takeovers > 0 && entries.some(isProgress)) run.takeovers = 0;
    for (const entry of entries) {
      run.entries.push(entry);
      if (entry.kind === 'end') this.#giveBack(run, entry.end.status);
    }
    run.inbox.take(takenMessages(entries));
    const fingerprint = fingerprintOf(entries);
    if (fingerprint !== undefined) {
      run.fingerprint = fingerprint;
      run.refused.clear();
    }
    if (checkpoint !== undefined) run.checkpoint = { place: run.entries.length - 1, checkpoint: checkpoint() };
    return cancelOf(run);
  }

  dropChunks(lease: Lease, chunks: readonly PlacedChunks[]): void {
    const { entries } = this.#owned(lease);
    for (const { place, entry } of chunks) if (entries[place]?.kind === 'chunk') entries[place] = entry;
  }

  release(lease: Lease, release: Release = { status: 'interrupted' }): void {
    const run = this.#owned(lease);
    this.#giveBack(run, release.status);
    if (release.refusedBy !== undefined) run.refused.add(release.refusedBy);
    if (release.leftAloneBy !== undefined) run.refused.add(leftAloneBy(release.leftAloneBy));
    else for (const name of run.refused) if (name.startsWith(workerMark)) run.refused.delete(name);
    run.wakeAt = release.status === 'interrupted' ? undefined : release.wakeAt;
    const seen = release.status === 'paused' ? release.seen : undefined;
    run.inbox.isListening = seen !== undefined;
    if (seen !== undefined && run.inbox.hasAfter(seen)) this.#wake(run);
  }

  send(runId: string, message: Message, last?: number): number | undefined {
    this.#checkOpen();
    const run = this.#run(runId);
    if (run.status === 'done' || run.status === 'cancelled') throw runEnded(runId, run.status);
    const number = run.inbox.send(message, last);
    if (number !== undefined && run.status === 'paused' && run.inbox.isListening) this.#wake(run);
    return number;
  }

  inbox(runId: string, after = 0): Inbox {
    return this.#run(runId).inbox.after(after);
  }

  renew(claim: Claim): readonly CancelRequest[] {
    this.#checkOpen();
    this.#claims.claim(claim);
    return this.cancelRequests(claim.owner);
  }

  cancelRequests(owner: string): readonly CancelRequest[] {
    return [...this.#runs.values()].flatMap((run) =>
      run.owner === owner && run.status === 'running' && run.cancel !== undefined ? [{ ...run.cancel }] : [],
    );
  }

  requestCancel(runId: string, reason: Value): void {
    this.#checkOpen();
    const run = this.#run(runId);
    if (isEnded(run.status)) throw runEnded(runId, run.status);
    run.cancel ??= { runId, reason };
  }

  requestedCancel(runId: string): CancelRequest | undefined {
    const run = this.#run(runId);
    return isEnded(run.status) ? undefined : cancelOf(run);
  }

  due(graph: string, limit: number, isGone?: Claim['isGone']): readonly RunSummary[] {
    return this.#due([graph], limit, (run) => this.#isDue(run, isGone)).map(summaryOf);
  }

  claimDue({
    graphs,
    claim,
    limit,
    skip = [],
    maxRunsPerTenant = Number.POSITIVE_INFINITY,
  }: DueQuery): readonly ClaimedRun[] {
    this.#checkOpen();
    const live = this.workers.graphs(claim.isGone);
    const names = graphs.map(({ name }) => name);
    const due = this.#due(names, Number.POSITIVE_INFINITY, (run) => {
      const driven = drivenOf(run);
      return !skip.includes(driven.runId) && this.#isDue(run, claim.isGone) && mayDrive(driven, graphs, live);
    });
    const found = fairShare(
      due.map((run) => ({ run, tenant: run.run.observed.tenant })),
      { limit, maxPerTenant: maxRunsPerTenant, served: this.#served(claim.isGone) },
    );
    return found.map(({ run }) => {
      const was = summaryOf(run);
      return { lease: this.take(was.runId, claim), was };
    });
  }

  /** How many runs of each tenant are driven. */
  #served(isGone: Claim['isGone']): ReadonlyMap<string | undefined, number> {
    const served = new Map<string | undefined, number>();
    for (const run of this.#runs.values()) {
      const { tenant } = run.run.observed;
      if (run.status === 'running' && !isErrandName(run.run.graph.name) && !this.#isDue(run, isGone))
        served.set(tenant, (served.get(tenant) ?? 0) + 1);
    }
    return served;
  }

  /** Oldest first. */
  #due(graphs: readonly string[], limit: number, isWanted: (run: StoredRun) => boolean): readonly StoredRun[] {
    this.#claims.doubtAll();
    const found: StoredRun[] = [];
    for (const run of this.#runs.values()) {
      if (found.length === limit) break;
      if (graphs.includes(run.run.graph.name) && isWanted(run)) found.push(run);
    }
    return found;
  }

  #isDue(run: StoredRun, isGone: Claim['isGone']): boolean {
    const { status, owner, cancel, wakeAt = Number.POSITIVE_INFINITY } = run;
    if (status === 'running') return !(this.#claims.isHeld(owner) && isGone?.(owner as string) !== true);
    if (status === 'paused' || status === 'queued') return cancel !== undefined || wakeAt <= this.#now();
    return status === 'interrupted';
  }

  label(runId: string, { step, label }: Label): void {
    this.#checkOpen();
    this.#run(runId).labels.set(label, step);
  }

  labels(runId: string): readonly Label[] {
    return sortedLabels([...this.#run(runId).labels].map(([label, step]) => ({ step, label })));
  }

  async *read(runId: string, from = 0, limit = Number.POSITIVE_INFINITY): AsyncIterable<Entry> {
    const { entries } = this.#run(runId);
    const end = from + limit;
    for (let place = from; place < entries.length && place < end; place += 1) yield entries[place] as Entry;
  }

  checkpoint(runId: string, step = Number.POSITIVE_INFINITY): PlacedCheckpoint | undefined {
    const { checkpoint } = this.#run(runId);
    return checkpoint !== undefined && checkpoint.checkpoint.step <= step ? checkpoint : undefined;
  }

  find(runId: string): RunSummary | undefined {
    const run = this.#runs.get(runId);
    return run === undefined ? undefined : summaryOf(run);
  }

  list(query: RunQuery): readonly RunSummary[] {
    const limit = limitOf(query);
    const { graph, status, after, tenant } = query;
    const found: RunSummary[] = [];
    const newest = [...this.#runs.values()].reverse();
    const from = after === undefined ? 0 : newest.indexOf(this.#run(after)) + 1;
    for (const run of newest.slice(from)) {
      if (found.length === limit) break;
      const { name } = run.run.graph;
      const isAskedFor =
        (graph === undefined ? !isErrandName(name) : name === graph) &&
        (status === undefined || run.status === status) &&
        (tenant === undefined || run.run.observed.tenant === tenant);
      if (isAskedFor) found.push(summaryOf(run));
    }
    return found;
  }

  delete(runId: string): void {
    this.#checkOpen();
    const run = this.#run(runId);
    if (run.status === 'running' && this.#claims.isHeld(run.owner)) throw runOwned(runId);
    for (const [errandId] of this.errands.runsOf(runId)) this.#forget(errandId);
    this.#forget(runId);
  }

  #forget(runId: string): void {
    this.#tokenFloor = Math.max(this.#tokenFloor, this.#run(runId).token);
    this.#runs.delete(runId);
  }

  prune(query: PruneQuery): readonly RunSummary[] {
    this.#checkOpen();
    const { olderThan, keep, statuses, graph, isDry } = pruneSettings(query);
    const newest = new Map<string, number>();
    const deleted: RunSummary[] = [];
    for (const run of [...this.#runs.values()].reverse()) {
      const { name } = run.run.graph;
      if (!statuses.includes(run.status) || isErrandName(name) || (graph !== undefined && graph !== name)) continue;
      const count = newest.get(name) ?? 0;
      newest.set(name, count + 1);
      const summary = summaryOf(run);
      if (count < keep || summary.updatedAt >= olderThan) continue;
      if (run.status === 'running' && this.#claims.isHeld(run.owner)) continue;
      if (!isDry) this.delete(summary.runId);
      deleted.push(summary);
    }
    return deleted.reverse();
  }

  close(): void {
    this.#isClosed = true;
  }

  #open(runId: string, owner: Claim | Queue | undefined): void {
    const run = this.#run(runId);
    if (owner?.isRecorded !== true) {
      run.recording = asTaken(run.recording);
      return;
    }
    run.recording = openRecording;
    this.recordings.opened(runId);
  }

  #isOwnedByAnother(run: StoredRun, claim: Claim): boolean {
    if (run.status !== 'running' || run.owner === undefined || run.owner === claim.owner) return false;
    this.#claims.doubt(run.owner);
    return this.#claims.isHeld(run.owner) && claim.isGone?.(run.owner) !== true;
  }

  /** At once, whatever the clock of the sender says. */
  #wake(run: StoredRun): void {
    const now = this.#now();
    run.wakeAt = Math.min(run.wakeAt ?? now, now);
  }

  #giveBack(run: StoredRun, status: RunStatus): void {
    run.status = status;
    run.owner = undefined;
    run.token += 1;
  }

  #owned(lease: Lease): StoredRun {
    this.#checkOpen();
    const run = this.#run(lease.runId);
    if (run.token !== lease.token) throw leaseLost(lease.runId);
    return run;
  }

  #run(runId: string): StoredRun {
    const run = this.#runs.get(runId);
    if (run === undefined) throw runUnknown(runId, 'this store', 'List the runs of the store with `store.list({})`.');
    return run;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw storeClosed('this store');
  }
}
