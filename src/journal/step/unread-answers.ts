// Answers whose bodies nobody had begun to read when their node asked for something else. What it did next may depend on
// their heads, so an attempt that is entered again after a crash gets these. A body that is read only then is lost.
import { effectIdentity } from '../effect-identity.ts';
import type { BeginEntry, EffectEntry, Entry } from '../entry.ts';

/** The entries of a step, and an effect for each such answer that has no end. */
export function withUnreadAnswers(entries: readonly Entry[]): readonly Entry[] {
  const heads = unreadHeads(entries);
  if (heads.size === 0) return entries;
  for (const entry of entries) if (entry.kind === 'effect') heads.delete(nameOf(entry));
  return heads.size === 0 ? entries : [...entries, ...[...heads.values()].map(effectOf)];
}

/** The entries without such answers where only the head is known, so that they are asked for again. */
export function withoutUnreadAnswers(entries: readonly Entry[]): readonly Entry[] {
  const heads = unreadHeads(entries);
  if (heads.size === 0) return entries;
  for (const entry of entries) if (entry.kind === 'pooled') heads.delete(nameOf(entry));
  return entries.filter((entry) => entry.kind !== 'effect' || !heads.has(nameOf(entry)) || !isOpen(entry));
}

type KnownHead = BeginEntry & Pick<EffectEntry, 'outcome'>;

function unreadHeads(entries: readonly Entry[]): Map<string, KnownHead> {
  const heads = new Map<string, KnownHead>();
  for (const entry of entries) {
    if (entry.kind !== 'begin' || entry.type !== 'http') continue;
    if (entry.outcome !== undefined) heads.set(nameOf(entry), entry as KnownHead);
    // Some of its body was read after all.
    else if (heads.size > 0) heads.delete(nameOf(entry));
  }
  return heads;
}

function nameOf(entry: Extract<Entry, { readonly type: unknown }>): string {
  return `${entry.at} ${effectIdentity(entry)} ${entry.occurrence}`;
}

function isOpen({ outcome }: EffectEntry): boolean {
  return outcome.kind === 'value' && (outcome.value as { readonly ended?: unknown }).ended === 'open';
}

function effectOf({ kind: _kind, node: _node, observed, ...begun }: KnownHead): EffectEntry {
  const { time, answer, order } = observed;
  return {
    ...begun,
    kind: 'effect',
    observed: {
      began: time,
      ended: time,
      ...(answer === undefined ? {} : { answer }),
      ...(order === undefined ? {} : { order }),
    },
  };
}
