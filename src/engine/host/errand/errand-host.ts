// Makes errands for runs that other processes, or this one, drive: the host of a worker for tasks.
//   W1. An errand is made while its run is at the step that it belongs to. One that was handed out late, by a process that
//       had lost the run, is let go of.
//   W2. One that took its workers with it too often ends as failed, and its run fails by the rule for runs.
import { RepriseError } from '../../../base/error.ts';
import { canonicalValue } from '../../../base/value.ts';
import type { Entry } from '../../../journal/entry.ts';
import { errandName, errandPlace } from '../../../journal/errand.ts';
import type { ErrandPlace } from '../../../journal/errand.ts';
import { rankOfTask, stepNumber, stepOfTask, taskOfAttempt } from '../../../journal/key.ts';
import type { RecordingEngine, UnattributedRequest } from '../../../port/effect-source.ts';
import type { DrivenGraph, WorkerNote } from '../../../port/workers.ts';
import type { CancelRequest, ClaimedRun, DueQuery, Lease, RunSummary } from '../../../port/store.ts';
import type { ErrandStore } from '../../options/errand-store.ts';
import { closedError } from '../../rules/engine-errors.ts';
import { framesOf } from '../../rules/read-stacks.ts';
import { takeoverLimit } from '../../rules/run-limits.ts';
import { foldRun } from '../../stored/fold-run.ts';
import { ResumeFold } from '../../stored/resume/resume-fold.ts';
import { failedErrand, stoppedErrand } from './errand-end.ts';
import { ErrandRun, viewOf } from './errand-run.ts';
import type { ErrandView } from './errand-run.ts';
import type { HostPorts, RunContext } from '../host-ports.ts';
import { Owner } from '../owner.ts';
import type { DueRun, WorkHost } from '../worker/worker.ts';

/** How many steps of runs are kept in memory, since their tasks come one after another. */
const viewsMax = 16;
/** For how long, in milliseconds: a store that went back has the run come to the same step in another way. */
const viewMs = 1_000;

/** What is read once for all errands that were claimed together, and after they were. */
interface Round {
  readonly cancels: Promise<readonly CancelRequest[]>;
  /** By run, unless it is over. */
  readonly runs: Map<string, Promise<RunSummary | undefined>>;
}

export class ErrandHost implements WorkHost, RecordingEngine {
  readonly #context: RunContext;
  readonly #store: ErrandStore;
  readonly #kinds: readonly DrivenGraph[];
  readonly #owner: Owner;
  readonly #active = new Map<string, ErrandRun | undefined>();
  readonly #busy = new Set<Promise<void>>();
  readonly #views = new Map<string, { readonly view: Promise<ErrandView | undefined>; readonly since: number }>();
  #uninstall: readonly (() => void)[] | undefined;
  /** What it was claiming last. */
  #claiming: Promise<readonly ClaimedRun[]> | undefined;
  #isClosed = false;

  /** `nodes`: whose tasks it makes. */
  constructor(context: Omit<RunContext, 'engine'>, store: ErrandStore, nodes: readonly string[]) {
    const { graph, ports, settings } = context;
    this.#store = store;
    this.#context = {
      ...context,
      engine: this,
      ports: ownPorts(ports, store),
      // What its owner reads must be whole, and what was asked of the outside known.
      settings: { ...settings, keepChunks: 'run', durability: 'effect' },
    };
    const { name, fingerprint } = graph;
    this.#kinds = nodes.map((node) => ({ name: errandName({ graph: name, node, fingerprint }), fingerprint }));
    this.#owner = new Owner({
      id: ports.entropy.owner?.() ?? ports.entropy.runId(),
      clock: ports.clock,
      store,
      leaseMs: settings.leaseMs,
      isGone: ports.entropy.isGone?.bind(ports.entropy),
      onCancel: ({ runId, reason }) => this.#active.get(runId)?.stop(reason),
      onMessage: () => undefined,
    });
  }

  /** The names under which what it makes is due. */
  get kinds(): readonly string[] {
    return this.#kinds.map(({ name }) => name);
  }

  /** What it says of itself in the store: its tasks stand there as the graphs that they are due under. */
  get note(): Pick<WorkerNote, 'owner' | 'graphs' | 'leaseMs'> {
    return { owner: this.#owner.id, graphs: this.#kinds, leaseMs: this.#context.settings.leaseMs };
  }

  async resumeDue(limit: number, skip: ReadonlySet<string>): Promise<readonly DueRun[]> {
    if (this.#isClosed) throw closedError();
    const own = this.#owner.claim();
    const query = { graphs: this.#kinds, claim: own.claim, limit, skip: [...skip, ...this.#active.keys()] };
    const claiming = this.#claimed(query);
    this.#claiming = claiming;
    const claimed = await claiming;
    if (claimed.length === 0) return [];
    this.#owner.keep(own);
    this.#uninstall ??= this.#context.ports.sources.map((source) => source.install(this));
    const cancels = Promise.resolve(this.#store.cancelRequests(this.#owner.id));
    // Those who need them hear of a store that fails.
    cancels.catch(() => undefined);
    const round: Round = { cancels, runs: new Map() };
    return claimed.map((errand) => ({ runId: errand.lease.runId, result: this.#began(errand, round) }));
  }

  async #claimed(query: DueQuery): Promise<readonly ClaimedRun[]> {
    const claimed = await this.#store.claimDue(query);
    if (!this.#isClosed) return claimed;
    for (const { lease } of claimed) await this.#owner.letGo(lease, { status: 'queued', wakeAt: 0 });
    return [];
  }

  /** Lets go of what is being made, so that other workers continue it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#claiming?.catch(() => undefined);
    for (const run of this.#active.values()) run?.interrupt();
    await Promise.allSettled(this.#busy);
    await this.#owner.close();
    for (const uninstall of this.#uninstall ?? []) uninstall();
    this.#uninstall = undefined;
  }

  noteUnattributed(request: () => UnattributedRequest | undefined): void {
    const open = [...this.#active.values()].filter((run) => run !== undefined);
    const made = open.length === 0 ? undefined : request();
    if (made === undefined) return;
    const stack = framesOf(made.madeAt, this.#context.ports.paths).join('\n');
    for (const { notes } of open) notes.addUnattributed(made.host, stack);
  }

  async #began({ lease, was }: ClaimedRun, round: Round): Promise<undefined> {
    this.#active.set(lease.runId, undefined);
    const made = this.#made(lease, was.entryCount, round);
    this.#busy.add(made);
    try {
      await made;
    } catch (thrown) {
      // Its run has ended, or its step was committed: nobody wants it any more.
      if (thrown instanceof RepriseError && thrown.code === 'run-unknown') return undefined;
      await this.#owner.letGo(lease);
      throw thrown;
    } finally {
      this.#busy.delete(made);
      this.#active.delete(lease.runId);
      if (this.#active.size === 0) this.#owner.stop();
    }
    return undefined;
  }

  async #made(lease: Lease, count: number, round: Round): Promise<void> {
    const { ports, settings } = this.#context;
    await ports.clock.ready?.();
    const place = errandPlace(lease.runId);
    const known = count > 1 ? await this.#read(lease.runId) : [];
    const view = await this.#viewOf(place, round.runs);
    const storedCount = known.length + 1;
    const end = (entry: Entry): unknown => this.#store.append(lease, [entry], undefined, storedCount);
    if (view === undefined) {
      await end(stoppedErrand('its run is elsewhere by now', ports.clock.now()));
      return;
    }
    const task = taskOfAttempt(place.at);
    const { node } = view.frontier[rankOfTask(task)] ?? { node: '' };
    const limit = takeoverLimit(lease.takeovers ?? 0, settings.maxTakeovers, () => [`${node} (${task})`]);
    if (limit !== undefined) {
      await end(failedErrand(canonicalValue(limit, 'error'), ports.clock.now()));
      return;
    }
    if (this.#isClosed) {
      await this.#store.release(lease);
      return;
    }
    const why = (await round.cancels).find(({ runId }) => runId === lease.runId)?.reason;
    const run = new ErrandRun(this.#context, { lease, ownLease: this.#owner, place, known, view, why });
    this.#active.set(lease.runId, run);
    const unwatch = ports.rejections.watch();
    try {
      await run.made();
    } finally {
      unwatch();
    }
  }

  async #read(id: string): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for await (const entry of this.#store.read(id, 1)) entries.push(entry);
    return entries;
  }

  /** What the attempt begins with; nothing if its run is at another step (W1). */
  async #viewOf({ runId, at, again }: ErrandPlace, runs: Round['runs']): Promise<ErrandView | undefined> {
    const task = taskOfAttempt(at);
    const step = stepNumber(stepOfTask(task)) - 1;
    const found = runs.get(runId) ?? this.#openRun(runId);
    runs.set(runId, found);
    const run = await found;
    if (run?.step !== step) return undefined;
    // A first attempt needs nothing of what its siblings have done.
    if (again === 0 && at.endsWith('#1')) return this.#sharedView(run);
    const fold = new ResumeFold();
    await foldRun(this.#store, runId, fold);
    return fold.step === step ? viewOf(fold, task) : undefined;
  }

  async #openRun(runId: string): Promise<RunSummary | undefined> {
    const found = await this.#store.find(runId);
    const isOver = found?.status === 'done' || found?.status === 'failed' || found?.status === 'cancelled';
    return isOver ? undefined : found;
  }

  #sharedView({ runId, step, createdAt }: RunSummary): Promise<ErrandView | undefined> {
    // An id may be that of another run by now.
    const name = `${createdAt} ${step} ${runId}`;
    const known = this.#views.get(name);
    const since = this.#context.ports.clock.now();
    if (known !== undefined && since - known.since < viewMs) return known.view;
    const view = this.#foldedView(runId, step);
    const kept = { view, since };
    const forget = (): unknown => this.#views.get(name) === kept && this.#views.delete(name);
    // What is not there yet, or could not be read, may be there at the next look.
    view.then((found) => found ?? forget(), forget);
    this.#views.delete(name);
    this.#views.set(name, kept);
    for (const oldest of this.#views.keys()) {
      if (this.#views.size <= viewsMax) break;
      this.#views.delete(oldest);
    }
    return view;
  }

  async #foldedView(runId: string, step: number): Promise<ErrandView | undefined> {
    const fold = new ResumeFold();
    await foldRun(this.#store, runId, fold, { step });
    return fold.step === step ? viewOf(fold, undefined) : undefined;
  }
}

/** Its owner tells sinks and observers what has happened. */
function ownPorts(ports: HostPorts, store: ErrandStore): HostPorts {
  return { ...ports, store, sinks: [], errands: undefined };
}
