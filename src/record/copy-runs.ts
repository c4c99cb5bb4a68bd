// Copies the runs of a store into another, entry for entry.
//   C1. A run that is not whole yet in the other store is nobody else's: it is claimed there for as long as that may take, and
//       a copy that is begun again continues where the last one ended.
//   C2. A message keeps its number, since entries name it.
//   C3. What workers have begun of the open step of a run stands in journals of its own. They are copied before their run is
//       anybody's, so that nothing of it is begun again.
import { sameValue } from '../base/equal.ts';
import { RepriseError } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import type { Entry } from '../journal/entry.ts';
import type { Message } from '../port/inbox.ts';
import type { Claim, Lease, Release, RunStore, RunSummary } from '../port/store.ts';
import { allRuns } from './all-runs.ts';

const appendedMax = 500;
const ownerName = 'reprise copy';
/** Until somebody has begun a copy that was broken off again. */
const claimMs = 10 * 365 * 86_400_000;
/** Stands in the place of a message that was taken, until the entry that has taken it is copied. */
const takenMessage: Message = { kind: 'signal', name: 'reprise:taken', value: null, time: 0 };

/** What `copyRuns` did. Copy again once `driven` runs are at rest: those that were copied are skipped then. */
export interface CopiedRuns {
  /** How many runs were copied. */
  readonly copied: number;
  /** How many were in the other store already, whole. */
  readonly there: number;
  /** Runs that a process drives at this moment. They were left out. */
  readonly driven: readonly string[];
}

/**
 * Copies all runs of a store into another, with their labels and messages, oldest first. Use it to move from a file to a server
 * and back. What has not ended waits in the other store for the same as before; stop the workers of the first store for
 * good before you start some over the other, or both do what is left of such a run.
 *
 * A copy that was broken off, or that left out runs that were driven, may be repeated: it adds what is missing. A run that has
 * grown since in either store is refused. Requests to cancel that nobody has heard of yet go with their runs, and so does
 * what was decided about their fixtures (`record`). What workers have begun of a run (nodes with `on: 'workers'`) goes along with
 * it; while a worker is at it, the run counts as driven.
 *
 * ```ts
 * import { createEngine, fields, graph, memoryStore, sum } from 'reprise';
 * import { copyRuns } from 'reprise/record';
 *
 * const counter = graph('counter', { state: fields({ count: sum() }) })
 *   .node('add', () => ({ delta: { count: 1 } }))
 *   .start('add')
 *   .build();
 * const from = memoryStore();
 * const to = memoryStore();
 * const engine = createEngine(counter, { store: from });
 * await engine.run({});
 * const { copied } = await copyRuns(from, to);
 * console.log(copied, (await to.list({})).length); // 1 1
 * await engine.close();
 * ```
 *
 * @throws RepriseError `run-exists` for a run that differs in the other store; `store-without-errands` if workers have begun
 *   tasks of a run and the other store keeps no tasks; and what the stores throw
 */
export async function copyRuns(from: RunStore, to: RunStore): Promise<CopiedRuns> {
  const claim: Claim = { owner: ownerName, leaseMs: claimMs };
  const runs = await allRuns(from);
  const due = await dueRuns(from, runs);
  const driven: string[] = [];
  let [copied, there] = [0, 0];
  for (const run of runs.toReversed()) {
    const isDue = due.has(run.runId);
    const isDriven = run.status === 'running' && !isDue;
    const errands = isDriven ? [] : await begunErrands(from, run);
    if (isDriven || errands === 'driven') driven.push(run.runId);
    else if (await copyRun({ from, to, run, claim, errands, isDue })) copied += 1;
    else there += 1;
  }
  return { copied, there, driven };
}

/** Those that look driven and that nobody drives any more, and those that have something to look at. */
async function dueRuns(store: RunStore, runs: readonly RunSummary[]): Promise<ReadonlySet<string>> {
  const open = runs.filter(({ status }) => status === 'running' || status === 'paused');
  const due = new Set<string>();
  for (const graph of new Set(open.map((run) => run.graph)))
    for (const { runId } of await store.due(graph, Number.MAX_SAFE_INTEGER)) due.add(runId);
  return due;
}

/** What workers have begun of a run that has not ended for good. `driven`: some of it is under way. */
async function begunErrands(store: RunStore, { runId, status }: RunSummary): Promise<readonly RunSummary[] | 'driven'> {
  if (status === 'done' || status === 'cancelled') return [];
  const begun: RunSummary[] = [];
  for (const errandId of (await store.errands?.of(runId)) ?? []) {
    const found = await store.find(errandId);
    // One that nobody has begun is handed out in the other store.
    if (found !== undefined && (found.status === 'running' || found.entryCount > 1)) begun.push(found);
  }
  const due = await dueRuns(store, begun);
  return begun.some((errand) => errand.status === 'running' && !due.has(errand.runId)) ? 'driven' : begun;
}

interface Copying {
  readonly from: RunStore;
  readonly to: RunStore;
  readonly run: RunSummary;
  readonly claim: Claim;
  /** A worker of the first store would take it up now. */
  readonly isDue: boolean;
  /** What workers have begun of it. */
  readonly errands: readonly RunSummary[];
}

/** Returns whether anything had to be copied. */
async function copyRun(copying: Copying): Promise<boolean> {
  const { from, to, run, claim, errands } = copying;
  const { runId, entryCount } = run;
  const before = await to.find(runId);
  const isWhole = before !== undefined && before.status !== 'running' && before.entryCount === entryCount;
  if (isWhole) return false;
  if (errands.length > 0 && to.errands === undefined) throw tasksUnkept(runId);
  if (before !== undefined && (before.status !== 'running' || before.entryCount > entryCount)) throw differing(runId);
  if (before !== undefined && !(await isBeginning(copying, before.entryCount - 1))) throw differing(runId);
  let lease: Lease | undefined = before && (await to.take(runId, claim));
  if (lease === undefined) {
    for await (const entry of from.read(runId, 0, 1))
      if (entry.kind === 'run') lease = await to.create(entry, [], claim);
    if (lease === undefined) throw differing(runId);
  }
  const seen = await copyMessages(copying);
  const kept = await from.recordings?.kept?.(runId);
  if (kept !== undefined) await to.recordings?.keep?.(runId, kept);
  for (const label of await from.labels(runId)) await to.label(runId, label);
  const end = await copyEntries(copying, lease, before?.entryCount ?? 1);
  // A worker of the other store may have taken one up already, if a copy that was broken off had come so far.
  for (const errand of errands)
    if (!(await hasContinued(to, errand))) await copyRun({ from, to, run: errand, claim, errands: [], isDue: false });
  if (end === undefined) return true;
  // Before it is anybody's.
  const cancel = await from.requestedCancel?.(runId);
  if (cancel !== undefined) await to.requestCancel(runId, cancel.reason);
  await to.release(end, await releaseOf(copying, seen));
  return true;
}

async function hasContinued(to: RunStore, { runId, entryCount }: RunSummary): Promise<boolean> {
  return ((await to.find(runId))?.entryCount ?? 0) >= entryCount;
}

/** Whether the last entry of what is there is that of this run: then it is a copy that was broken off. */
async function isBeginning({ from, to, run: { runId } }: Copying, place: number): Promise<boolean> {
  const entries: Entry[] = [];
  for (const store of [from, to]) for await (const entry of store.read(runId, place, 1)) entries.push(entry);
  const [one, other] = entries;
  return one !== undefined && other !== undefined && sameValue(one as unknown as Value, other as unknown as Value);
}

/** Returns the lease of a run that has not ended. */
async function copyEntries({ from, to, run, claim }: Copying, first: Lease, start: number): Promise<Lease | undefined> {
  const { runId, entryCount } = run;
  let lease: Lease | undefined = first;
  let place = start;
  let batch: Entry[] = [];
  const append = async (): Promise<void> => {
    if (batch.length === 0) return;
    // A run that had failed was resumed after its end.
    lease ??= await to.take(runId, claim);
    await to.append(lease, batch, undefined, place);
    place += batch.length;
    if (batch.at(-1)?.kind === 'end') lease = undefined;
    batch = [];
  };
  for await (const entry of from.read(runId, start, entryCount - start)) {
    batch.push(entry);
    if (entry.kind === 'end' || batch.length >= appendedMax) await append();
  }
  await append();
  if (place !== entryCount) throw differing(runId);
  return lease;
}

/** Returns the number of the last. */
async function copyMessages({ from, to, run: { runId } }: Copying): Promise<number> {
  const { last, messages } = await from.inbox(runId);
  const waiting = new Map(messages.map(({ number, message }) => [number, message]));
  for (let number = (await to.inbox(runId)).last + 1; number <= last; number += 1)
    await to.send(runId, waiting.get(number) ?? takenMessage, number - 1);
  return last;
}

/**
 * A run that rested waits for its time and for messages. `last`: the last that was copied. One that the run has not seen made it
 * due, which is read after the messages were: it may have been sent since the runs were listed.
 */
async function releaseOf({ from, run, isDue }: Copying, last: number): Promise<Release> {
  const { runId, status } = run;
  if (status === 'queued') return { status, wakeAt: run.wakeAt ?? 0 };
  if (status !== 'paused') return { status: 'interrupted' };
  const { wakeAt } = (await from.find(runId)) ?? run;
  return { status, seen: isDue ? 0 : last, ...(wakeAt === undefined ? {} : { wakeAt }) };
}

function tasksUnkept(runId: string): RepriseError {
  return new RepriseError(
    'store-without-errands',
    `workers have begun tasks of run "${runId}", which the other store cannot keep`,
    {
      nextStep: 'Copy into a store that has `errands`, or let the run end first.',
      fields: { runId },
    },
  );
}

function differing(runId: string): RepriseError {
  return new RepriseError('run-exists', `run "${runId}" is in the other store, and differs there`, {
    nextStep: 'Delete it in one of the two, or leave it as it is and copy the rest from a store without it.',
    fields: { runId },
  });
}
