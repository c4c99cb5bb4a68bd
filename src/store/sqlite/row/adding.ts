// Adds rows of a run, inside a transaction.
import type { RunEntry } from '../../../journal/entry.ts';
import type { Claim, Queue } from '../../../port/store.ts';
import { placedSum } from '../../row/checksum.ts';
import { runSum } from './rows.ts';
import type { WriteStatements } from '../file/statements.ts';
import type { StoredBatch, StoredCheckpoint, StoredPart, StoredRow } from '../../row/stored-batch.ts';

export interface RowPlace {
  readonly runId: string;
  readonly number: number;
  readonly sequence: number;
}

/** `number`: one that was reserved for it; else the next. */
export function addRun(
  sql: WriteStatements,
  run: RunEntry,
  {
    claim,
    queue,
    number,
    now,
    fingerprint = run.fingerprint,
  }: {
    readonly claim: Claim | undefined;
    readonly queue?: Queue | undefined;
    readonly number?: number;
    readonly now: number;
    /** Of the graph that it continues with, if that is another. */
    readonly fingerprint?: string | undefined;
  },
): { readonly number: number; readonly token: number } {
  const { runId, time, tenant } = run.observed;
  const { name } = run.graph;
  claimFor(sql, claim, now);
  const sum = runSum(runId, name, time);
  const added = sql.addRun.get(
    number ?? null,
    runId,
    name,
    time,
    claim?.owner ?? null,
    sum,
    ...openFor(claim ?? queue),
    fingerprint,
    tenant ?? null,
  );
  return added as { readonly number: number; readonly token: number };
}

/** What makes a run open for its recording, and since when, if its owner has a policy. */
export function openFor(owner: Claim | Queue | undefined): readonly [string | null, number | null] {
  return owner?.isRecorded === true ? ['open', 0] : [null, null];
}

export function claimFor(sql: WriteStatements, claim: Claim | undefined, now: number): void {
  if (claim !== undefined) sql.claim.run(claim.owner, now + claim.leaseMs, claim.leaseMs);
}

export function addParts(sql: WriteStatements, number: number, parts: readonly StoredPart[]): void {
  for (const { name, column } of parts) sql.addPart.run(number, name, column);
}

/** How far a run was with the last row that this process has added to it. */
export interface ReachedRow {
  readonly sequence: number;
  readonly step: number;
}

/** `sequence`: that of the first entry. `held`: so many of them are in the file already. Returns the last row. */
export function addRows(
  sql: WriteStatements,
  first: RowPlace,
  { rows, checkpoint }: StoredBatch,
  { held = 0, before }: { readonly held?: number; readonly before?: ReachedRow | undefined } = {},
): ReachedRow {
  const { runId, number } = first;
  let sequence = first.sequence + held;
  let step = before?.sequence === sequence - 1 ? before.step : stepBefore(sql, { runId, number, sequence });
  for (let index = held; index < rows.length; index += 1) {
    step = addEntry(sql, { runId, number, sequence }, rows[index] as StoredRow, step);
    sequence += 1;
  }
  sequence -= 1;
  if (checkpoint !== undefined) addCheckpoint(sql, { runId, number, sequence }, checkpoint);
  return { sequence, step };
}

/**
 * `reached`: the step that the run had committed before. An entry may come late and be about an earlier one (an answer that
 * nobody read, a note); a row says how far the run was. Returns the step that it is at now.
 */
export function addEntry(
  sql: WriteStatements,
  { runId, number, sequence }: RowPlace,
  row: StoredRow,
  reached: number,
): number {
  const { time, column, sum } = row;
  const step = Math.max(row.step, reached);
  sql.addEntry.run(number, sequence, step, time, column, placedSum(sum, runId, sequence, step, time));
  return step;
}

function stepBefore(sql: WriteStatements, { number, sequence }: RowPlace): number {
  const before = sequence === 0 ? undefined : sql.placeOfEntry.get(number, sequence - 1);
  return (before as { readonly step: number } | undefined)?.step ?? 0;
}

/** `sequence`: that of the commit that it follows. */
export function addCheckpoint(
  sql: WriteStatements,
  { runId, number, sequence }: RowPlace,
  { step, length, column, sum }: StoredCheckpoint,
): void {
  sql.addCheckpoint.run(number, sequence, step, length, column, placedSum(sum, runId, sequence, step));
}
