// A store whose runs are recorded by a policy. It stands between an engine and its store, so that the engine need not know.
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type {
  CancelRequest,
  Claim,
  ClaimedRun,
  DueQuery,
  Later,
  Lease,
  Queue,
  RunStore,
  RunSummary,
} from '../../port/store.ts';
import { PassingStore } from '../../store/passing-store.ts';
import type { ClaimDue } from '../../store/passing-store.ts';
import type { Recorder } from './recorder.ts';

export class RecordedStore extends PassingStore {
  readonly fork?: NonNullable<RunStore['fork']>;
  readonly #recorder: Recorder;

  constructor(store: RunStore, recorder: Recorder) {
    super(store);
    this.#recorder = recorder;
    if (store.fork === undefined) return;
    const fork: NonNullable<RunStore['fork']> = (run, shared, more, claim) => {
      recorder.begin();
      return (store as Required<Pick<RunStore, 'fork'>>).fork(run, shared, more, recordedClaim(claim));
    };
    this.fork = fork;
  }

  override create(run: RunEntry, first?: readonly Entry[], owner?: Claim | Queue): Later<Lease> {
    this.#recorder.begin();
    return super.create(run, first, recordedClaim(owner));
  }

  override take(runId: string, claim?: Claim): Later<Lease> {
    this.#recorder.begin();
    return super.take(runId, recordedClaim(claim));
  }

  override append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Later<CancelRequest | undefined> {
    const appended = super.append(lease, entries, checkpoint, place);
    if (entries.at(-1)?.kind !== 'end') return appended;
    if (!(appended instanceof Promise)) {
      this.#recorder.wake();
      return appended;
    }
    return appended.then((cancel) => {
      this.#recorder.wake();
      return cancel;
    });
  }

  protected override claimed(query: DueQuery, claim: ClaimDue): Later<readonly ClaimedRun[]> {
    this.#recorder.begin();
    return super.claimed({ ...query, claim: recordedClaim(query.claim) }, claim);
  }

  override due(graph: string, limit: number, isGone?: Claim['isGone']): Later<readonly RunSummary[]> {
    this.#recorder.begin();
    return super.due(graph, limit, isGone);
  }

  override async close(): Promise<void> {
    await this.#recorder.close();
    await super.close();
  }
}

function recordedClaim<Given extends Claim | Queue | undefined>(claim: Given): Given {
  return claim === undefined ? claim : { ...claim, isRecorded: true };
}
