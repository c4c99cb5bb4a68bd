// The errands of runs: attempts that other processes make, each as a run of its own.
import type { Entry, RunEntry } from '../../../journal/entry.ts';
import { afterErrandsOf, errandsOf } from '../../../journal/errand.ts';
import type { EndedErrand, Errands } from '../../../port/errands.ts';
import type { Later, RunStatus } from '../../../port/store.ts';
import { KnownParts } from '../../row/known-parts.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import { waitingErrand } from '../../waiting-errand.ts';
import type { StoreFile } from '../file/store-file.ts';
import { addParts, addRows, addRun } from '../row/adding.ts';
import { listedSummaryOf } from '../row/rows.ts';
import type { SummaryRow } from '../row/rows.ts';
import { dropErrands, sweep } from './forgetting.ts';
import { readJournal } from './read-journal.ts';

const queue = { status: 'queued', wakeAt: 0 } as const;

export function fileErrands(file: StoreFile): Errands {
  return {
    handOut: (errands) => handOut(file, errands),
    journals: (errandIds) => Promise.all(errandIds.map((errandId) => journalOf(file, errandId))),
    of: (runId) =>
      file.read(({ read }) =>
        read.errandsOf.all(errandsOf(runId), afterErrandsOf(runId)).map((row) => (row as { readonly id: string }).id),
      ),
    ended: (runId) =>
      file.read(({ read }) => read.endedErrands.all(errandsOf(runId), afterErrandsOf(runId)) as readonly EndedErrand[]),
    drop: async (runId, errandIds) => {
      await file.write((sql) => {
        const run = sql.owner.get(runId) as { readonly status: RunStatus } | undefined;
        const isOver = run === undefined || run.status === 'done' || run.status === 'cancelled';
        if (errandIds !== undefined || isOver) dropErrands(sql, runId, errandIds);
      });
      await sweep(file);
    },
    waiting: (limit) =>
      file.read(({ read }) =>
        read.waitingErrands.all(limit).map((row) => waitingErrand(listedSummaryOf(row as SummaryRow))),
      ),
  };
}

function handOut(file: StoreFile, errands: readonly RunEntry[]): Later<readonly string[]> {
  return file.writePrepared(
    ({ codec }) =>
      errands.map((run) => {
        const batch = new StoredBatch({ runId: run.observed.runId, entries: [run], known: new KnownParts() });
        return { run, batch, parts: batch.slice(codec, 'all') };
      }),
    (sql, prepared) => {
      const there: string[] = [];
      for (const { run, batch, parts } of prepared) {
        const { runId } = run.observed;
        if (sql.owner.get(runId) !== undefined) {
          there.push(runId);
          continue;
        }
        const { number } = addRun(sql, run, { claim: undefined, queue, now: file.now() });
        addParts(sql, number, parts);
        addRows(sql, { runId, number, sequence: 0 }, batch);
        sql.queueRun.run(queue.wakeAt, number);
      }
      return there;
    },
  );
}

async function journalOf(file: StoreFile, runId: string): Promise<readonly Entry[]> {
  if ((await file.read(({ read }) => read.run.get(runId))) === undefined) return [];
  const entries: Entry[] = [];
  for await (const entry of readJournal(file, { runId, from: 0, limit: Number.POSITIVE_INFINITY })) entries.push(entry);
  return entries;
}
