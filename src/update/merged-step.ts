// A step of the new fixture: what the replay did, with everything that was recorded of it.
//   M1. An entry that comes out as recorded is the recorded one, with its times and its place in the order.
//   M2. What was observed of an entry that comes out otherwise stays as far as it still fits.
//   M3. Where other things happen than before, the numbers of the order are those of the replay. They count from 0 in each
//       step, so no other step changes.
import { withRecordedMarks } from '../diff/value/recorded-marks.ts';
import type { Value } from '../base/value.ts';
import type { CanonicalStep } from '../journal/run/canonical.ts';
import type { EffectEntry, EffectOrder, Entry, OutcomeEntry, PooledEntry } from '../journal/entry.ts';
import { entryIdentity, sameEntry } from '../journal/entry-identity.ts';
import type { AttemptKey } from '../journal/key.ts';
import type { RedactAdopted } from '../replay/session/adoption.ts';
import type { LaidStep } from './recorded-run.ts';

export type Performed = EffectEntry | PooledEntry;

export interface MergedStep {
  /** In the order in which things happened. */
  readonly entries: readonly Entry[];
  readonly isChanged: boolean;
  /** Identities of the recorded effects that are in it. */
  readonly kept: readonly string[];
  /** Effects that are marked `once` now and were not, or the other way round. */
  readonly marked: readonly EffectEntry[];
  /** Effects that were asked for the first time. */
  readonly performed: readonly Performed[];
}

/** How the attempts of a replayed step were answered. */
export interface AnsweredFrom {
  /** The recorded attempts by the replayed ones. */
  readonly partners: ReadonlyMap<AttemptKey, AttemptKey>;
  /** The identities of recorded effects that answered elsewhere, so that the replay's journal does not hold them. */
  readonly moved: ReadonlySet<string>;
  /** Recorded effects that answered another attempt as its own, by the identity that they have there. */
  readonly adopted: (identity: string) => Entry | undefined;
  /** What the pool holds of exchanges that were performed, by identity: `rests` of those that outlived their attempts. */
  readonly pooled: { readonly late: ReadonlySet<string>; readonly rests: ReadonlySet<string> };
  /** A key of the recording as it is today; undefined if its task does not run. */
  readonly today: (at: string) => string | undefined;
  /** The first number of the replay that is not one of the order that it followed. */
  readonly next: number;
  /** A replayed entry as it is compared. */
  readonly redact: RedactAdopted;
}

export function mergedStep(
  recorded: LaidStep | undefined,
  replayed: CanonicalStep,
  answered: AnsweredFrom,
): MergedStep {
  if (recorded === undefined && !replayed.entries.some((entry) => answered.adopted(entryIdentity(entry)) !== undefined))
    return newStep(replayed, answered);
  return new StepMerge(recorded ?? nothing(replayed.step), replayed, answered).merged();
}

function newStep({ entries, beside }: CanonicalStep, answered: AnsweredFrom): MergedStep {
  const all = [...beside, ...entries].map(fromUpdate);
  return { entries: all, isChanged: true, kept: [], marked: [], performed: performedOf(all, answered) };
}

function nothing(step: number): LaidStep {
  return { step, entries: [], beside: [], happened: [], isMoved: true, isMixed: false };
}

function fromUpdate(entry: Entry): Entry {
  return entry.kind === 'effect' || entry.kind === 'pooled'
    ? { ...entry, observed: { ...entry.observed, source: 'update' } }
    : entry;
}

interface Pair {
  readonly recorded: Entry | undefined;
  readonly replayed: Entry;
}

class StepMerge {
  readonly #recorded: LaidStep;
  readonly #replayed: CanonicalStep;
  readonly #partners: ReadonlyMap<AttemptKey, AttemptKey>;
  /** The replayed attempts by the recorded ones. */
  readonly #today: ReadonlyMap<string, AttemptKey>;
  readonly #moved: ReadonlySet<string>;
  readonly #places: ReadonlyMap<Entry, number>;
  readonly #answered: AnsweredFrom;

  constructor(recorded: LaidStep, replayed: CanonicalStep, answered: AnsweredFrom) {
    const { partners, moved } = answered;
    this.#recorded = recorded;
    this.#replayed = replayed;
    this.#partners = partners;
    this.#moved = moved;
    this.#answered = answered;
    this.#today = new Map([...partners].map(([today, before]) => [before, today]));
    this.#places = new Map(recorded.happened.map((entry, place) => [entry, place]));
  }

  merged(): MergedStep {
    const pairs = this.#pairs();
    const kept = this.#kept();
    const left = new Set<Entry>(
      [...pairs.map(({ recorded }) => recorded), ...kept.map(({ recorded }) => recorded)].filter(isEntry),
    );
    const gone = this.#recorded.happened.filter((entry) => !left.has(entry));
    const isOther =
      this.#recorded.isMixed ||
      gone.some(isNumbered) ||
      pairs.some(({ recorded }) => recorded?.kind === 'effect' && !this.#places.has(recorded)) ||
      pairs.some((pair) => pair.recorded === undefined && isNumbered(pair.replayed));
    const merge = isOther ? this.#renumbered(kept) : (pair: Pair) => this.#entry(pair);
    const all = [...kept, ...pairs].map((pair) => ({ pair, entry: merge(pair) }));
    const entries = this.#inOrder(all);
    const isChanged =
      this.#recorded.isMoved || gone.length > 0 || all.some(({ pair, entry }) => entry !== pair.recorded);
    const performed = [...pairs, ...kept]
      .filter(({ recorded }) => recorded === undefined)
      .map(({ replayed }) => replayed);
    const ofRecorded = [...left].filter((entry) => entry.kind === 'effect').map(entryIdentity);
    const marked = pairs.flatMap(({ recorded, replayed }) =>
      recorded?.kind === 'effect' && replayed.kind === 'effect' && recorded.once !== replayed.once ? [replayed] : [],
    );
    return { entries, isChanged, kept: ofRecorded, marked, performed: performedOf(performed, this.#answered) };
  }

  /** Each replayed entry with the recorded one that it takes the place of. */
  #pairs(): readonly Pair[] {
    const recorded = new Map<string, Entry[]>();
    for (const entry of this.#recorded.entries) {
      const same = recorded.get(entryIdentity(entry));
      if (same === undefined) recorded.set(entryIdentity(entry), [entry]);
      else same.push(entry);
    }
    return this.#replayed.entries.map((replayed) => {
      const before = this.#before(replayed.at);
      const partner =
        before === undefined ? undefined : recorded.get(entryIdentity({ ...replayed, at: before } as Entry))?.shift();
      return { recorded: partner ?? this.#answered.adopted(entryIdentity(replayed)), replayed };
    });
  }

  /** What the replay's journal does not hold, and that stays: what stands beside, and effects that answered elsewhere. */
  #kept(): readonly Pair[] {
    const beside = [
      ...this.#recorded.beside,
      ...this.#recorded.entries.filter((entry) => this.#moved.has(entryIdentity(entry))),
    ];
    const attempts = new Set(this.#recorded.entries.map(({ at }) => at).filter((at) => at.includes('#')));
    const own = beside.flatMap((recorded) => {
      // It may be about an attempt of an earlier step, or about one that does not count.
      const at = attempts.has(recorded.at)
        ? this.#today.get(recorded.at)
        : (this.#answered.today(recorded.at) ?? recorded.at);
      return at === undefined ? [] : [{ recorded, replayed: movedTo(recorded, at) }];
    });
    // A note may come after the step that it is about.
    const replayed = new Set(this.#replayed.entries.map(({ at }) => at));
    const { late, rests } = this.#answered.pooled;
    const isPerformed = (identity: string): boolean => late.has(identity) || rests.has(identity);
    const fresh = this.#replayed.beside.filter(
      (entry) => isPerformed(entryIdentity(entry)) || (replayed.has(entry.at) && this.#before(entry.at) === undefined),
    );
    return [...own, ...fresh.map((replayed) => ({ recorded: undefined, replayed }))];
  }

  /** The recorded key of a replayed one; undefined if nothing was recorded there. */
  #before(at: string): string | undefined {
    const attemptEnd = at.lastIndexOf('#');
    if (attemptEnd < 0) return at;
    const own = this.#partners.get(at as AttemptKey);
    if (own !== undefined) return own;
    // The commit of an inner step is keyed below its attempt.
    const end = at.lastIndexOf('/');
    const around = end < attemptEnd ? undefined : this.#partners.get(at.slice(0, end) as AttemptKey);
    return around === undefined ? undefined : `${around}${at.slice(end)}`;
  }

  /** New entries come after what they follow in the canonical order. */
  #inOrder(all: readonly { readonly pair: Pair; readonly entry: Entry }[]): readonly Entry[] {
    let last = -1;
    const placed = all.map(({ pair: { recorded }, entry }) => {
      const place = recorded === undefined ? undefined : this.#places.get(recorded);
      if (place !== undefined) last = place;
      return { entry, place: place ?? last };
    });
    return placed.sort((left, right) => left.place - right.place).map(({ entry }) => entry);
  }

  #entry({ recorded, replayed }: Pair): Entry {
    if (recorded === undefined) return fromUpdate(replayed);
    const moved = movedTo(recorded, replayed.at);
    if (sameEntry(moved, replayed)) return moved;
    const redacted = this.#answered.redact(moved, replayed);
    if (redacted === moved) return moved;
    const { observed: _recorded, ...before } = moved;
    const { observed: _replayed, ...today } = redacted;
    const merged = withRecordedMarks(before as unknown as Value, today as unknown as Value);
    return { ...(merged as unknown as Entry), observed: fittingObserved(moved, replayed) } as Entry;
  }

  /** The firings of timers keep their numbers, since a replay gives them no others. Then all else does too. */
  #renumbered(kept: readonly Pair[]): (pair: Pair) => Entry {
    const first = this.#answered.next;
    if (kept.some(({ replayed }) => replayed.kind === 'ambient' && replayed.observed.firings !== undefined))
      return (pair) => (pair.recorded === undefined ? withoutOrder(this.#entry(pair)) : this.#entry(pair));
    return (pair) => {
      const { replayed } = pair;
      const merged = this.#entry(pair);
      if (replayed.kind === 'effect')
        return withEffectOrder(merged as EffectEntry, shifted(replayed.observed.order, first));
      if (replayed.kind !== 'outcome') return merged;
      const { order } = replayed.observed;
      const own = order === undefined ? undefined : { started: order.started - first, ended: order.ended - first };
      return withOutcomeOrder(merged as OutcomeEntry, own);
    };
  }
}

/** Times stay: nobody ran anything. What belongs to the result is that of the result. */
function fittingObserved(recorded: Entry, replayed: Entry): Entry['observed'] {
  if (recorded.kind === 'chunk' && replayed.kind === 'chunk')
    return recorded.deltas.length === replayed.deltas.length ? recorded.observed : replayed.observed;
  const { stacks: _before, ...before } = recorded.observed as { readonly stacks?: unknown };
  const { stacks } = replayed.observed as { readonly stacks?: unknown };
  return { ...before, ...(stacks === undefined ? {} : { stacks }) } as Entry['observed'];
}

function movedTo(entry: Entry, at: string): Entry {
  return entry.at === at ? entry : ({ ...entry, at } as Entry);
}

function shifted(order: EffectOrder | undefined, by: number): EffectOrder | undefined {
  if (order === undefined) return undefined;
  const { asked, given, parts } = order;
  return {
    ...order,
    asked: asked - by,
    given: given - by,
    ...(parts === undefined ? {} : { parts: parts.map(([first, count]) => [first - by, count] as const) }),
  };
}

function withEffectOrder(entry: EffectEntry, order: EffectOrder | undefined): EffectEntry {
  const { order: _before, ...observed } = entry.observed;
  return { ...entry, observed: order === undefined ? observed : { ...observed, order } };
}

function withOutcomeOrder(entry: OutcomeEntry, order: OutcomeEntry['observed']['order']): OutcomeEntry {
  const { order: _before, ...observed } = entry.observed;
  return { ...entry, observed: order === undefined ? observed : { ...observed, order } };
}

export function withoutOrder(entry: Entry): Entry {
  if (entry.kind === 'effect') return withEffectOrder(entry, undefined);
  return entry.kind === 'outcome' ? withOutcomeOrder(entry, undefined) : entry;
}

function isNumbered({ kind }: Entry): boolean {
  return kind === 'effect' || kind === 'outcome';
}

function performedOf(entries: readonly Entry[], { pooled }: AnsweredFrom): readonly Performed[] {
  return entries.filter(
    (entry): entry is Performed =>
      entry.kind === 'effect' || (entry.kind === 'pooled' && pooled.late.has(entryIdentity(entry))),
  );
}

function isEntry(entry: Entry | undefined): entry is Entry {
  return entry !== undefined;
}
