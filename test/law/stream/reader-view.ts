// What a reader makes of the items that it is given: the chunks of each attempt that are not void.
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import type { Entry } from '../../../src/journal/entry.ts';

interface Item {
  readonly kind: string;
  readonly cursor: string;
  readonly key?: string;
  readonly ordinal?: number;
  readonly from?: number;
  readonly chunk?: unknown;
}

export class ReaderView {
  readonly #chunks = new Map<string, unknown[]>();
  readonly keys: string[] = [];
  cursor: string | undefined;
  isDone = false;
  chunkCount = 0;

  add(item: Item): void {
    this.cursor = item.cursor;
    if (item.kind === 'done') this.isDone = true;
    const { key } = item;
    if (key === undefined) return;
    const list = this.#chunks.get(key) ?? [];
    if (item.kind === 'chunk') {
      if (item.ordinal !== list.length) throw new Error(`chunk ${item.ordinal} of ${key} came behind ${list.length}`);
      this.keys.push(`${key}@${item.ordinal}`);
      this.#chunks.set(key, [...list, item.chunk]);
      this.chunkCount += 1;
    } else if (item.kind === 'reset') this.#chunks.set(key, list.slice(0, item.from));
  }

  /** By attempt, without those that have nothing left. */
  get chunks(): Readonly<Record<string, readonly unknown[]>> {
    return Object.fromEntries([...this.#chunks].filter(([, list]) => list.length > 0).sort(byKey));
  }
}

/** What a run's canonical journal says of chunks. */
export function chunkLog(entries: readonly Entry[]): Readonly<Record<string, readonly unknown[]>> {
  const found = canonicalEntries(entries).flatMap((entry) =>
    entry.kind === 'chunk' ? [[entry.at, entry.deltas] as const] : [],
  );
  return Object.fromEntries(found.sort(byKey));
}

function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : 1;
}
