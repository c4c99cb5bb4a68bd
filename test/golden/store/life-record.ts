// What the processes of a run did outside of its journal. A JSON file beside each store file keeps it.
import { readFileSync } from 'node:fs';
import type { StreamOrder, Told } from './format-store-main.ts';
import type { Call } from './graphs/outside.ts';

export interface ReaderRecord {
  readonly order: StreamOrder;
  /** The cursor of the last chunk in `seen`. */
  readonly cursor: string;
  readonly seen: readonly string[];
}

export interface LifeRecord {
  readonly calls: readonly Call[];
  readonly readers: readonly ReaderRecord[];
}

export function recordPath(path: string): string {
  return path.replace(/\.db$/, '.json');
}

export function readRecords(path: string): Readonly<Record<string, LifeRecord>> {
  return JSON.parse(readFileSync(recordPath(path), 'utf8')) as Readonly<Record<string, LifeRecord>>;
}

export function recordOf(told: readonly Told[]): LifeRecord {
  return {
    calls: told.flatMap((one) => (one.kind === 'call' ? [one.call] : [])),
    readers: (['arrival', 'canonical'] as const).flatMap((order) => readerOf(told, order)),
  };
}

/** A reader that has seen the first half of the chunks. */
function readerOf(told: readonly Told[], order: StreamOrder): readonly ReaderRecord[] {
  const chunks = told.flatMap((one) => (one.kind === 'chunk' && one.order === order ? [one] : []));
  const seen = chunks.slice(0, Math.ceil(chunks.length / 2));
  const last = seen.at(-1);
  return last === undefined ? [] : [{ order, cursor: last.cursor, seen: seen.map(({ chunk }) => chunk) }];
}
