import type { AttemptResult, EffectEntry, EffectRef } from '../../journal/entry.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import type { StartedAttempt, StepResult } from '../../port/world.ts';

export interface PlacedRequest {
  /** The recorded attempt. */
  readonly at: AttemptKey;
  readonly replayedAt: AttemptKey;
  readonly node: string;
  readonly ref: EffectRef;
}

/** What the replay did that its own journal does not show, keyed by replayed attempt or step. */
export interface Observations {
  /** The attempts of the step that is open. */
  readonly started: Set<StartedAttempt>;
  /** The recorded attempts that replayed ones were answered from, of the step that is open. */
  readonly partners: Map<AttemptKey, AttemptKey>;
  /** Effects that were requested but not recorded. */
  readonly missing: Map<AttemptKey, EffectRef[]>;
  /** What was performed, since the outside may be asked. */
  readonly performed: PlacedRequest[];
  /** Exchanges that were not recorded, and began after the attempt in whose context they did. */
  readonly late: { readonly missing: PlacedRequest[]; readonly performed: PlacedRequest[] };
  /** Those of `missing` that got the answer to the recorded one that is most like them. */
  readonly answered: Set<EffectRef>;
  /** Effects of branches that lost their race, for which no answer was recorded. */
  readonly unanswered: Map<AttemptKey, EffectRef[]>;
  /** What was not performed, since its requests hold marks of what was redacted. */
  readonly marked: EffectRef[];
  /** Exchanges whose clients read on where those of the recording had stopped. */
  readonly readPast: Map<AttemptKey, EffectRef[]>;
  /** Exchanges whose answers had bodies that were read, while the code reads nothing of them now. */
  readonly unread: Readonly<Record<'open' | 'stopped', Map<AttemptKey, EffectRef[]>>>;
  /** Where the order is controlled: what code waited for, and got nothing, since nothing more was recorded. */
  readonly unheard: Map<AttemptKey, EffectRef[]>;
  /** Recorded effects that answered another attempt, or one that had ended. */
  readonly moved: Set<EffectEntry>;
  /** The recorded effects that answered another attempt as its own, by the identity that they have there. */
  readonly adopted: Map<string, EffectEntry>;
  /** Which recorded step gave the open one its order, and the first number that is not of it. */
  followed: { readonly number: number | undefined; readonly next: number };
  /** The actual result of an attempt, if the replay continued from the recorded one instead. */
  readonly results: Map<AttemptKey, AttemptResult>;
  /** The actual result of a step, if the replay continued from the recorded one instead. */
  readonly steps: Map<StepKey, StepResult>;
  /** How often the code read a clock or a random value that was not recorded. */
  unrecordedReads: number;
  /** The first of them. */
  unrecordedRead: string | undefined;
  /** Attempts of nodes that today's graph lacks: nothing ran that could be compared. */
  readonly gone: Set<AttemptKey>;
  /** How many things happened before something that came before them when the run was recorded. */
  outOfOrder: number;
  /** The first of them. */
  firstOutOfOrder: string | undefined;
}

export function newObservations(): Observations {
  return {
    started: new Set(),
    partners: new Map(),
    missing: new Map(),
    performed: [],
    late: { missing: [], performed: [] },
    answered: new Set(),
    unanswered: new Map(),
    marked: [],
    readPast: new Map(),
    unread: { open: new Map(), stopped: new Map() },
    unheard: new Map(),
    moved: new Set(),
    adopted: new Map(),
    followed: { number: undefined, next: 0 },
    results: new Map(),
    steps: new Map(),
    unrecordedReads: 0,
    unrecordedRead: undefined,
    gone: new Set(),
    outOfOrder: 0,
    firstOutOfOrder: undefined,
  };
}

export function addTo(map: Map<AttemptKey, EffectRef[]>, at: AttemptKey, ref: EffectRef): void {
  const list = map.get(at) ?? [];
  list.push(ref);
  map.set(at, list);
}
