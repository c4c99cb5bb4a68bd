// Entries: what a journal is made of. Everything a run did is one of these, in a store, in a fixture and in memory.
// Everything outside `observed` is canonical: it is compared, and it is a function of graph, input, seed and world.
// `observed` says when and in which order things really happened. It is stored alongside and never compared.
import type { Value } from '../base/value.ts';
import type { GraphDescription } from './description.ts';
import type { AttemptKey, StepKey, TaskKey } from './key.ts';

/** The version of the rules that turn a world into a canonical journal (rank rule, keys, draws, encoding). */
export const semanticsVersion = 1;

/** A task of a frontier. `input` is set if the task was sent to, or takes the failure of another. */
export interface TaskSpec {
  readonly node: string;
  readonly input?: Value;
}

export type Route =
  | { readonly kind: 'goto'; readonly node: string }
  | { readonly kind: 'send'; readonly node: string; readonly input: Value }
  | { readonly kind: 'stop' };

/** The first entry of every run. */
export interface RunEntry {
  readonly kind: 'run';
  readonly at: '';
  readonly graph: GraphDescription;
  readonly fingerprint: string;
  readonly semantics: number;
  readonly seed: string;
  readonly observed: {
    readonly runId: string;
    readonly time: number;
    /** The run that this one was forked from, and the step after which it continues. */
    readonly parent?: { readonly runId: string; readonly step: number };
  };
}

export const effectTypes = ['call', 'http', 'now', 'sleep', 'ask'] as const;
export type EffectType = (typeof effectTypes)[number];

/** What identifies an effect within its attempt: its key is (type, name, digest of request and label, occurrence). */
export interface EffectRef {
  readonly type: EffectType;
  readonly name: string;
  /** What was asked for, with credentials replaced. */
  readonly request: Value;
  /** Distinguishes equal requests that are in flight at once (`{ key }` of the API). */
  readonly label?: string;
  /**
   * The number among the effects of this attempt with the same type, name, request and label: 0, 1, … in call order.
   */
  readonly occurrence: number;
}

export type EffectOutcome =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'error'; readonly error: Value };

export interface EffectEntry extends EffectRef {
  readonly kind: 'effect';
  readonly at: AttemptKey;
  readonly outcome: EffectOutcome;
  readonly once?: true;
  /** `parts`: the byte lengths in which a body arrived. */
  readonly observed: { readonly began: number; readonly ended: number; readonly parts?: readonly number[] };
}

/**
 * The beginning of an effect, written if it must be durable before the effect ends: for a question, for a sleep, and
 * for an effect that must not happen twice unasked. Never canonical; the effect itself is.
 */
export interface BeginEntry extends EffectRef {
  readonly kind: 'begin';
  readonly at: AttemptKey;
  readonly node: string;
  readonly once?: true;
  /** `due`: when the sleep ends, or when the question expires. */
  readonly observed: { readonly time: number; readonly due?: number };
}

/**
 * Chunks: what a streaming node gave before it ended, one partial delta after another. A store holds them in the groups
 * in which they were written. If the attempt is done, the canonical form is one entry with all of them. Otherwise they
 * are void, except for those that the attempt was restarted with.
 */
export interface ChunkEntry {
  readonly kind: 'chunk';
  readonly at: AttemptKey;
  readonly node: string;
  /** The ordinal of the first chunk: 0, 1, … within the attempt. It voids earlier chunks from that ordinal on. */
  readonly ordinal: number;
  readonly deltas: readonly Value[];
  /** How many chunks were here before they were dropped when the step was committed. */
  readonly dropped?: number;
  readonly observed: { readonly times: readonly number[] };
}

/**
 * A resumable node was started again after a crash or a pause, after the chunks it had given until then. Canonical,
 * since what the node did from there depends on it. It is not a retry. If an attempt has several, the last one counts.
 */
export interface RestartEntry {
  readonly kind: 'restart';
  readonly at: AttemptKey;
  readonly node: string;
  /** How many chunks it had given. */
  readonly ordinal: number;
  readonly observed: { readonly time: number };
}

/** A change of the state from outside, after a commit: by a fork of the run, or by a newer version of the graph. */
export interface EditEntry {
  readonly kind: 'edit';
  /** The commit that it follows. */
  readonly at: StepKey;
  readonly by: 'fork' | 'migrate';
  readonly patch: Patch;
  /** `migrate`: the graph that the run continues with, and the version it came from. */
  readonly graph?: GraphDescription;
  readonly fingerprint?: string;
  readonly from?: string;
  readonly observed: { readonly time: number };
}

export interface EventEntry {
  readonly kind: 'event';
  readonly at: AttemptKey;
  readonly name: string;
  /** Events of one attempt are ordered within a stream; the unnamed stream is ''. */
  readonly stream: string;
  readonly ordinal: number;
  readonly data: Value;
  readonly observed: { readonly time: number };
}

export type AttemptResult =
  | { readonly status: 'done'; readonly delta?: Value; readonly routes?: readonly Route[] }
  | { readonly status: 'failed'; readonly error: Value }
  | { readonly status: 'timeout'; readonly error: Value };

/** The end of an attempt. */
export interface OutcomeEntry {
  readonly kind: 'outcome';
  readonly at: AttemptKey;
  readonly node: string;
  readonly result: AttemptResult;
  readonly observed: { readonly began: number; readonly ended: number };
}

/** Arrivals that a join has not used yet: by join (its place in the graph), then by source. */
export type JoinArrivals = { readonly [join: string]: { readonly [source: string]: number } };

/** A change of a value, small if little changed. */
export type Patch =
  | { readonly kind: 'set'; readonly value: Value }
  | { readonly kind: 'append'; readonly items: readonly Value[] }
  | {
      readonly kind: 'record';
      readonly changed: { readonly [key: string]: Patch };
      readonly removed: readonly string[];
    };

/** The atomic end of a step: after it the next frontier may run. Step 0 has no tasks; it commits the input. */
export interface CommitEntry {
  readonly kind: 'commit';
  readonly at: StepKey;
  /** Step 0 only: the input of the run (or of the inner run), a first delta. */
  readonly input?: Value;
  readonly frontier: readonly TaskSpec[];
  readonly joins?: JoinArrivals;
  /**
   * What user code decided about the state. The rest of the new state follows from folding the deltas into the built-in
   * fields.
   */
  readonly patch?: Patch;
  readonly observed: { readonly time: number };
}

export type RunEnd =
  | { readonly status: 'done' }
  /** `task`: the failing task of the lowest rank, if one task is to blame. */
  | { readonly status: 'failed'; readonly error: Value; readonly task?: TaskKey }
  | { readonly status: 'cancelled'; readonly reason: Value };

/**
 * The last entry of a run that ended. `step` is the last committed step. If a failed run is resumed, its journal
 * continues after this entry, which then no longer counts.
 */
export interface EndEntry {
  readonly kind: 'end';
  readonly at: '';
  readonly step: number;
  readonly end: RunEnd;
  readonly observed: { readonly time: number; readonly detached?: readonly TaskKey[] };
}

export type Entry =
  | RunEntry
  | BeginEntry
  | EffectEntry
  | RestartEntry
  | ChunkEntry
  | EventEntry
  | OutcomeEntry
  | CommitEntry
  | EditEntry
  | EndEntry;
