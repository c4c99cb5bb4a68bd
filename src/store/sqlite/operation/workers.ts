// The workers of a store file. Rows of those that died stay until another one announces itself.
import { isErrandName } from '../../../journal/errand.ts';
import type { DrivenGraph, LiveWorker, StrandedRun, WorkerNote, Workers } from '../../../port/workers.ts';
import type { Later } from '../../../port/later.ts';
import { isStranded, strandedOf } from '../../driving.ts';
import type { LiveGraph } from '../../driving.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { foundDue } from './due.ts';
import { drivenOf, liveRows } from './worker-statements.ts';
import type { IsGone } from './worker-statements.ts';

/** The graphs of all live workers. */
export function liveGraphs(
  open: Pick<OpenFile, 'read'>,
  now: number,
  isGone: IsGone | undefined,
): readonly LiveGraph[] {
  return liveRows(open, now, isGone).map(({ id, graph, fingerprint }) => ({ owner: id, name: graph, fingerprint }));
}

export function fileWorkers(file: StoreFile): Workers {
  return {
    announce: (worker) => announce(file, worker),
    withdraw: (owner) =>
      file.write(({ workers }) => {
        workers.withdraw.run(owner);
      }),
    live: (isGone) => file.read((open) => liveWorkers(open, file.now(), isGone)),
    stranded: (limit, isGone) => file.read((open) => strandedRuns(open, { now: file.now(), limit, isGone })),
  };
}

function announce(file: StoreFile, { owner, build, graphs, leaseMs }: WorkerNote): Later<void> {
  return file.write(({ workers }) => {
    const now = file.now();
    const { since } = workers.since.get(owner, now) as { readonly since: number | null };
    workers.forget.run(now, owner);
    for (const { name, fingerprint } of graphs)
      workers.add.run(owner, name, fingerprint, build ?? null, since ?? now, now + leaseMs);
  });
}

function liveWorkers(open: Pick<OpenFile, 'read'>, now: number, isGone: IsGone | undefined): readonly LiveWorker[] {
  const found = new Map<string, LiveWorker & { readonly graphs: DrivenGraph[] }>();
  for (const { id, graph, fingerprint, build, since } of liveRows(open, now, isGone)) {
    const counted = open.read.workers?.countOf.get(id) as { readonly count: number } | undefined;
    const worker = found.get(id) ?? {
      owner: id,
      ...(build === null ? {} : { build }),
      graphs: [],
      since,
      runCount: counted?.count ?? 0,
    };
    worker.graphs.push({ name: graph, fingerprint });
    found.set(id, worker);
  }
  return [...found.values()];
}

interface StrandedQuery {
  readonly now: number;
  readonly limit: number;
  readonly isGone: IsGone | undefined;
}

function strandedRuns(open: Pick<OpenFile, 'read'>, { now, limit, isGone }: StrandedQuery): readonly StrandedRun[] {
  const live = liveGraphs(open, now, isGone);
  const graphs = open.read.graphs.all() as readonly { readonly graph: string }[];
  return graphs
    .filter(({ graph }) => !isErrandName(graph))
    .flatMap(({ graph }) => foundDue(open, { graph, limit: Number.MAX_SAFE_INTEGER, isGone }, now).runs)
    .sort((left, right) => left.number - right.number)
    .map(({ number, run }) => ({ runId: run.runId, ...drivenOf(open, { number, graph: run.graph }) }))
    .filter((run) => isStranded(run, live))
    .slice(0, limit)
    .map((run) => strandedOf(run, live));
}
