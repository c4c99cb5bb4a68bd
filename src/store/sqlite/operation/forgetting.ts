// Deletes runs in small transactions, so that others can write in between.
//   D1. One short transaction deletes the run; its entries follow in further ones, each of a bounded number of rows.
//   D2. The table `deleted` lists runs whose entries still have to go, so the next process that deletes finishes what a
//       dead one left.
//   D3. The transaction that deletes a run also decides whether to: the run may have been resumed since it was found.
import { afterErrandsOf, errandsOf } from '../../../journal/errand.ts';
import type { RunSummary } from '../../../port/store.ts';
import type { PruneSettings } from '../../prune-query.ts';
import { runOwned } from '../../run-error.ts';
import { forgetInbox } from './inbox.ts';
import { pause } from '../../row/pause.ts';
import { isClaimed, summaryOf } from '../row/rows.ts';
import type { OwnerRow, SummaryRow } from '../row/rows.ts';
import type { WriteStatements } from '../file/statements.ts';
import type { StoreFile } from '../file/store-file.ts';

/** How many rows to delete before other writers get a turn: a few milliseconds' work. */
const rowsPerTurn = 1_000;
export const turnPauseMs = 5;
/** How many runs one query looks up. */
const lookUpCount = 100;

/** @throws RepriseError `run-owned` */
export function deleteRun(sql: WriteStatements, runId: string, row: OwnerRow, now: number): void {
  if (isClaimed(row, now)) throw runOwned(runId);
  dropErrands(sql, runId);
  remove(sql, row);
}

/** Deletes errands of a run, all of them without `ids`; their entries are left for `sweep`. */
export function dropErrands(sql: WriteStatements, runId: string, ids?: readonly string[]): void {
  const dropped = ids && new Set(ids);
  const rows = sql.errands.all(errandsOf(runId), afterErrandsOf(runId)) as readonly (RemovedRow & {
    readonly id: string;
  })[];
  for (const row of rows) if (dropped?.has(row.id) !== false) remove(sql, row);
}

type RemovedRow = Pick<OwnerRow, 'number' | 'token'>;

/** Deletes the run itself; its entries are left for `sweep`. */
function remove(sql: WriteStatements, { number, token }: RemovedRow): void {
  sql.raise.run('number of deleted', number);
  sql.raise.run('token of deleted', token);
  sql.addDeleted.run(number);
  sql.deleteLabels.run(number);
  forgetInbox(sql.inboxes, number);
  sql.deleteRun.run(number);
}

/** Deletes the entries, parts and checkpoints of deleted runs. */
export async function sweep(file: StoreFile): Promise<void> {
  while (await file.write(sweepTurn)) await pause(turnPauseMs);
}

/** Whether there is more to delete. */
function sweepTurn(sql: WriteStatements): boolean {
  for (let limit = rowsPerTurn; limit > 0; ) {
    const next = sql.nextDeleted.get() as { readonly number: number } | undefined;
    if (next === undefined) return false;
    const { number } = next;
    limit -= sql.deleteEntries.run({ number, limit }).changes;
    if (limit > 0) limit -= sql.deleteParts.run({ number, limit }).changes;
    if (limit > 0) limit -= sql.deleteCheckpoints.run(number).changes;
    if (limit > 0) sql.forgetDeleted.run(number);
    // Charge for the run itself, or runs without rows would make the turn unbounded.
    limit -= 1;
  }
  return true;
}

export async function prune(file: StoreFile, settings: PruneSettings): Promise<readonly RunSummary[]> {
  const { olderThan, graph, statuses } = settings;
  const query = { olderThan, graph: graph ?? null, statuses: JSON.stringify(statuses), limit: lookUpCount };
  const kept = await keptNumbers(file, settings);
  const deleted: RunSummary[] = [];
  for (let after = 0; ; ) {
    const found = (await file.read(({ read }) => read.prunable.all({ ...query, after }))) as readonly SummaryRow[];
    for (const row of found) {
      if (row.number >= (kept.get(row.graph) ?? Number.POSITIVE_INFINITY)) continue;
      const gone = await file.write((sql) => pruned(sql, row, settings, file));
      if (gone !== undefined) deleted.push(gone);
    }
    if (!settings.isDry) await sweep(file);
    const last = found.at(-1);
    if (last === undefined) return deleted;
    after = last.number;
    await pause(turnPauseMs);
  }
}

/** By graph: runs with this number or a higher one are kept. */
async function keptNumbers(file: StoreFile, { keep, statuses }: PruneSettings): Promise<ReadonlyMap<string, number>> {
  if (keep === 0) return new Map();
  return file.read(({ read }) => {
    const graphs = read.graphs.all() as readonly { readonly graph: string }[];
    return new Map(
      graphs.map(({ graph }) => {
        const row = read.kept.get({ graph, keep, statuses: JSON.stringify(statuses) });
        return [graph, (row as { readonly number: number } | undefined)?.number ?? 0] as const;
      }),
    );
  });
}

function pruned(
  sql: WriteStatements,
  { number, id }: SummaryRow,
  settings: PruneSettings,
  file: StoreFile,
): RunSummary | undefined {
  const found = sql.summary.get(number) as SummaryRow | undefined;
  const time = found?.time ?? undefined;
  if (found === undefined || time === undefined || time >= settings.olderThan) return undefined;
  if (!settings.statuses.includes(found.status)) return undefined;
  const row = sql.owner.get(id) as OwnerRow;
  if (isClaimed(row, file.now())) return undefined;
  if (!settings.isDry) {
    dropErrands(sql, id);
    remove(sql, row);
  }
  return summaryOf(found, file.path);
}
