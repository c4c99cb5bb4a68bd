// What resuming a run must do, derived from its stored journal and from its uninterrupted twin.
import { encodeValue } from '../../../src/base/encode.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import { encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import type { EffectEntry, Entry } from '../../../src/journal/entry.ts';
import type { Call } from './graphs/outside.ts';
import { effectText } from './journal-marks.ts';
import { textOf } from './live-outside.ts';

/** A value in its stored encoding, which keeps what vitest's equality ignores: -0, undefined, kinds of collections. */
export function plain(value: unknown): unknown {
  return encodeValue(canonicalValue(value, 'value'));
}

const time = /(?<!\d)1\d{12}(?!\d)/g;

/** The canonical journal but for restarts, one line an entry. Times are masked: every run reads its own. */
export function canonicalLines(entries: readonly Entry[]): readonly string[] {
  return canonicalEntries(entries)
    .filter(({ kind }) => kind !== 'restart')
    .map((entry) => {
      const { observed: _observed, ...said } = encodeEntry(entry);
      return JSON.stringify(said).replaceAll(time, 'time');
    });
}

/** Unique within a run, and the same in its twin. */
export function callId({ at, name, request }: Pick<Call, 'at' | 'name' | 'request'>): string {
  return `${at} ${textOf({ name, request })}`.replaceAll(time, 'time');
}

/** The calls whose outcome is in the journal. They must never be made again. */
export function recordedCalls(entries: readonly Entry[]): ReadonlySet<string> {
  const effects = entries.filter((entry): entry is EffectEntry => entry.kind === 'effect');
  return new Set(
    effects.flatMap((entry) => {
      if (entry.type === 'call') return [callId({ at: entry.at, name: entry.name, request: String(entry.request) })];
      return entry.type === 'http' ? [` ${effectText(entry)}`] : [];
    }),
  );
}

/** The calls of the twin that the stored journal does not answer. */
export function callsLeft(
  whole: readonly Call[],
  left: readonly Entry[],
  skipped: readonly string[] = [],
): readonly string[] {
  const recorded = recordedCalls(left);
  const ended = left.flatMap(({ kind, at }) => (kind === 'outcome' ? [at as string] : []));
  const isOver = (at: string): boolean => ended.some((one) => at === one || at.startsWith(`${one}/`));
  return whole
    .filter((call) => !recorded.has(callId(call)) && !isOver(call.at) && !skipped.includes(textOf(call)))
    .map(callId)
    .sort();
}
