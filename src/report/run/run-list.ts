import { oneLine } from '../text/plain-text.ts';

export interface ListedRun {
  readonly runId: string;
  readonly graph: string;
  readonly status: string;
  readonly step: number;
  readonly createdAt: number;
  readonly takeovers?: number;
  readonly isDamaged?: true;
}

/** A table of stored runs, in the order given. */
export function runListText(runs: readonly ListedRun[]): string {
  if (runs.length === 0) return 'no runs\n';
  const rows = runs.map((run) => [
    oneLine(run.runId),
    oneLine(run.graph),
    statusText(run),
    String(run.step),
    timeText(run.createdAt),
  ]);
  const table = [['run', 'graph', 'status', 'step', 'started'], ...rows];
  const widths = (table[0] as string[]).map((_title, column) =>
    Math.max(...table.map((row) => (row[column] as string).length)),
  );
  return table
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] as number))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function statusText({ status, takeovers, isDamaged }: ListedRun): string {
  if (isDamaged === true) return 'damaged';
  return takeovers === undefined ? status : `${status}, taken over ${takeovers === 1 ? 'once' : `${takeovers} times`}`;
}

/** A time for people; empty if it is not a valid time. */
export function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? ''
    : date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, ' UTC');
}
