// Assertions for the laws of stores. Their messages stay short, because entries may be as large as memory allows.
import assert from 'node:assert/strict';
import { canonicalTextOf } from '../../base/canonical-json.ts';
import { sameValue } from '../../base/equal.ts';
import { RepriseError } from '../../base/error.ts';
import type { ErrorCode } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RunStore, RunSummary } from '../../port/store.ts';
import { collected, stored } from './law-entries.ts';

const textLengthMax = 500;

export function assertSame(read: readonly Entry[], written: readonly Entry[]): void {
  assert.equal(read.length, written.length, `${read.length} entries were read, but ${written.length} were written`);
  for (const [index, entry] of read.entries()) {
    const expected = stored(written[index]);
    if (sameValue(entry as unknown as Value, expected)) continue;
    assert.fail(`entry ${index} was read as ${shortText(stored(entry))}, but written as ${shortText(expected)}`);
  }
}

/** Asserts that these entries are the whole journal. */
export async function assertJournal(store: RunStore, runId: string, written: readonly Entry[]): Promise<void> {
  assertSame(await collected(store.read(runId)), written);
}

export async function assertRefused(call: () => unknown, code: ErrorCode): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    assert.ok(thrown instanceof RepriseError, `expected ${code}, got ${String(thrown)}`);
    assert.equal(thrown.code, code);
    assert.notEqual(thrown.nextStep, '');
    return;
  }
  assert.fail(`expected ${code}, but the call succeeded`);
}

export function idsOf(runs: readonly RunSummary[]): readonly string[] {
  return runs.map(({ runId }) => runId);
}

/** Tries to change everything inside a value. What is frozen throws; anything else must have been a copy. */
export function tamperWith(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const inner of Object.values(value)) tamperWith(inner);
  for (const key of [...Object.keys(value), 'added']) {
    try {
      (value as Record<string, unknown>)[key] = 'tampered with';
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
    }
  }
}

function shortText(value: Value): string {
  const text = canonicalTextOf(value);
  return text.length > textLengthMax ? `${text.slice(0, textLengthMax)}…` : text;
}
