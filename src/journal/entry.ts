// Entries: what a journal is made of. Everything a run did is one of these, in a store, in a fixture and in memory.
// Everything outside `observed` is canonical: it is compared, and it is a function of graph, input, seed and world.
// `observed` says when and in which order things really happened. It is stored alongside and never compared.
import type { Value } from '../base/value.ts';
import type { AnswerFacts } from './answer-facts.ts';
import type { GraphDescription } from './description.ts';
import type { AttemptKey, StepKey, TaskKey } from './key.ts';
import type { RequestRules, Surroundings, RunTerms } from './run-facts.ts';

/**
 * The version of the rules that turn a world into a canonical journal (rank rule, keys, draws, encoding). Runs and
 * fixtures of version 1 keep its rules: their entries hold nothing of what version 2 added.
 */
export const semanticsVersion = 2;

/** A task of a frontier. `input` is set if the task was sent to, or takes the failure of another. */
export interface TaskSpec {
  readonly node: string;
  readonly input?: Value;
}

export type Route =
  | { readonly kind: 'goto'; readonly node: string }
  | { readonly kind: 'send'; readonly node: string; readonly input: Value }
  | { readonly kind: 'stop' };

/**
 * Where an effect of a fixture is from: a stored run that was exported, a run that was made to be recorded, an update of the
 * fixture, or fakes that somebody wrote.
 */
export const effectSources = ['production', 'record', 'update', 'fake'] as const;
export type EffectSourceName = (typeof effectSources)[number];

/** The first entry of every run. */
export interface RunEntry {
  readonly kind: 'run';
  readonly at: '';
  readonly graph: GraphDescription;
  readonly fingerprint: string;
  readonly semantics: number;
  readonly seed: string;
  /** Absent where no HTTP is recorded, and in runs of version 1, where only `match` of the engine counted. */
  readonly rules?: RequestRules;
  readonly observed: {
    readonly runId: string;
    readonly time: number;
    /** In a fixture: where its effects are from, unless one of them says otherwise. */
    readonly source?: EffectSourceName;
    readonly surroundings?: Surroundings;
    readonly terms?: RunTerms;
    /** For whom it is: workers serve tenants in turn. */
    readonly tenant?: string;
    /** The run that this one was forked from, and the step after which it continues. */
    readonly parent?: { readonly runId: string; readonly step: number };
  };
}

/** A `race` asks which of its branches wins: its request are their names, and its answer is the name of one of them. */
export const effectTypes = ['call', 'http', 'now', 'sleep', 'ask', 'receive', 'race'] as const;
export type EffectType = (typeof effectTypes)[number];

/** What identifies an effect within its attempt: its key is (type, name, digest of request and label, occurrence). */
export interface EffectRef {
  readonly type: EffectType;
  readonly name: string;
  /** What was asked for, with credentials replaced. */
  readonly request: Value;
  /** Distinguishes equal requests that are in flight at once (`{ key }` of the API). */
  readonly label?: string;
  /** The task inside the attempt that asked: the names from the attempt down, such as `left#0/search#1`. */
  readonly task?: string;
  /**
   * The number among the effects of this attempt and task with the same type, name, request and label: 0, 1, … in call
   * order.
   */
  readonly occurrence: number;
}

export type EffectOutcome =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'error'; readonly error: Value };

/**
 * Places in what happened to the attempts of a step, counted from 0 in one sequence over all of them. Left out where the
 * attempt was alone and had one thing open at a time.
 */
export interface EffectOrder {
  readonly asked: number;
  readonly given: number;
  /** The answer came in the same turn of the event loop in which it was asked for. */
  readonly sameTurn?: true;
  /** The places of the parts of a body or a stream: runs of consecutive ones, as [first, count] each. */
  readonly parts?: readonly (readonly [number, number])[];
}

/**
 * The frames of the stacks of an error, of the errors that it holds (`errors` of an `AggregateError`) and of its cause,
 * each followed by its own: one text each, with a line for each frame and paths relative to the project. The first line
 * of a stack is name and message of its error, so it is left out.
 */
export type Stacks = readonly string[];

/** What is known of an outcome besides itself. An attempt that is answered with the outcome again is given these too. */
export interface OutcomeFacts {
  /** The byte lengths in which a body arrived, in the form in which it is stored. */
  readonly parts?: readonly number[];
  readonly answer?: AnswerFacts;
  readonly stacks?: Stacks;
}

export interface EffectObserved extends OutcomeFacts {
  readonly began: number;
  readonly ended: number;
  readonly order?: EffectOrder;
  /** Where it is from, if not from where its run is. */
  readonly source?: EffectSourceName;
  /** The number of the message that is its answer: what people answered, or a signal. */
  readonly message?: number;
  /** If it is marked `once`: its place among those of its name, if that is not the first. */
  readonly place?: number;
  /** It is another try, and the one before it did not say whether the effect had happened. */
  readonly again?: true;
  /** A person decided what became of it, since nobody knew whether it had happened. */
  readonly decided?: { readonly time: number; readonly by?: string };
  /** Request and outcome were not kept: the run was not recorded, and a resume does not need them. */
  readonly dropped?: true;
}

export interface EffectEntry extends EffectRef {
  readonly kind: 'effect';
  readonly at: AttemptKey;
  readonly outcome: EffectOutcome;
  readonly once?: true;
  readonly observed: EffectObserved;
}

/** The facts that an effect is answered with again. */
export function factsOf({ observed: { parts, answer, stacks } }: EffectEntry | PooledEntry): OutcomeFacts {
  return {
    ...(parts === undefined ? {} : { parts }),
    ...(answer === undefined ? {} : { answer }),
    ...(stacks === undefined ? {} : { stacks }),
  };
}

/**
 * An exchange that no attempt can lay claim to: it began for a node that had returned, or ended after one. It belongs
 * to the pool of the run, is named by the attempt in whose context it began, and is never canonical.
 */
export interface PooledEntry extends EffectRef {
  readonly kind: 'pooled';
  readonly at: AttemptKey;
  readonly outcome: EffectOutcome;
  readonly observed: EffectObserved;
}

/**
 * The beginning of an effect, written if it must be durable before the effect ends: for a question, for a sleep,
 * for an effect that must not happen twice unasked, and for an exchange whose answer could not be recorded. Never canonical;
 * the effect itself is.
 */
export interface BeginEntry extends EffectRef {
  readonly kind: 'begin';
  readonly at: AttemptKey;
  readonly node: string;
  readonly once?: true;
  /** The head of its answer, which had reached the node when that asked for something else and had read no body. */
  readonly outcome?: EffectOutcome;
  readonly observed: {
    readonly time: number;
    /** Of such a head: what else is known of it, and its places. */
    readonly answer?: AnswerFacts;
    readonly order?: EffectOrder;
    /** When the sleep ends, or when a question or a wait for a signal expires. */
    readonly due?: number;
    /** Of a question: its number among those of its name in its attempt and task. */
    readonly ordinal?: number;
    /** If it is marked `once`: its place among those of its name, if that is not the first. */
    readonly place?: number;
    /** It is another try, and the one before it did not say whether the effect had happened. */
    readonly again?: true;
    /** Its answer reached the node, in part at least, and is not recorded. */
    readonly unrecorded?: true;
  };
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
  /** `fork`: what random draws derive from after it. */
  readonly seed?: string;
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
  /** The task inside the attempt that emitted it. */
  readonly task?: string;
  readonly data: Value;
  readonly observed: { readonly time: number };
}

/** A task that a node opened inside its attempt. `input` and `value` are left out where no journal can hold them. */
export interface TaskEntry {
  readonly kind: 'task';
  readonly at: AttemptKey;
  /** The names from the attempt down, such as `left#0/search#1`. */
  readonly path: string;
  readonly input?: Value;
  /** `open`: it was still running when its attempt ended. */
  readonly result:
    | { readonly status: 'done'; readonly value?: Value }
    | { readonly status: 'failed'; readonly error: Value }
    | { readonly status: 'open' };
  readonly observed: { readonly began: number; readonly ended: number; readonly stacks?: Stacks };
}

/**
 * What an attempt read of its process between two things that were delivered to it, and which of its own timers fired.
 * Never canonical: it is given back to a replay and to an attempt that is entered again.
 */
export interface AmbientEntry {
  readonly kind: 'ambient';
  readonly at: AttemptKey;
  readonly node: string;
  /** How many such entries the attempt has before this one. */
  readonly ordinal: number;
  readonly observed: {
    readonly time: number;
    readonly reads?: readonly AmbientRead[];
    readonly firings?: readonly TimerFiring[];
  };
}

/** Values of one kind that were read in one segment: the stretch between two deliveries to the attempt. */
export interface AmbientRead {
  readonly segment: number;
  /** `Date.now`, `performance.now`, `Math.random`, `crypto.randomUUID`, … */
  readonly source: string;
  readonly task?: string;
  /** The place of the first value among those of its source in the segment. */
  readonly from: number;
  readonly values: readonly Value[];
}

export interface TimerFiring {
  readonly delayMs: number;
  /** Its place among the timers of the same delay in its attempt. */
  readonly occurrence: number;
  /** How often it had fired before, for one that repeats. */
  readonly turn: number;
  /** Its place in the order of the step. */
  readonly order: number;
}

/** What somebody has decided about an effect in doubt, when the run was resumed. */
export interface NotedDecision {
  /** The identity of the entry that says it began (`entryIdentity`). */
  readonly begin: string;
  /** `retry`, or an outcome as it was given. Absent where the decision was followed: it counts once. */
  readonly decided?: Value;
  readonly by?: string;
}

/** Something about a run that its reader should know: what was not recorded, for example. Never canonical. */
export interface NoteEntry {
  readonly kind: 'note';
  /** The attempt that it is about, or the step that was open. */
  readonly at: AttemptKey | StepKey;
  readonly node?: string;
  /** A stable name for the kind of note. */
  readonly what: string;
  readonly message: string;
  /** The run may not replay, because of this. */
  readonly mayNotReplay?: true;
  /** The identity of an entry before it that no longer counts (`entryIdentity`). */
  readonly voids?: string;
  /** A function has cleaned up, and taken back what its attempt had got from the effects with these names. */
  readonly undoes?: readonly string[];
  readonly observed: {
    readonly time: number;
    readonly count?: number;
    readonly stack?: string;
    /** The number of a message that the run has taken and that does not count: an answer that does not fit. */
    readonly message?: number;
    /** The run was resumed, and keeps these from here on. */
    readonly terms?: RunTerms;
    readonly decides?: NotedDecision;
    /** The key of a question about an effect in doubt that is over, since the effect is performed again. */
    readonly question?: string;
  };
}

/**
 * The running attempt is being stopped: its signal aborts, and it cleans up. Durable before either. Never canonical, and
 * only written for an attempt that has something to clean up.
 */
export interface StopEntry {
  readonly kind: 'stop';
  readonly at: AttemptKey;
  readonly node: string;
  readonly why: 'timeout' | 'failure' | 'cancel' | 'limit' | 'doubt';
  /** `doubt`: what the attempt fails with once it has cleaned up. */
  readonly error?: Value;
  /** After a cancel or a limit: how the run ends once its attempts have cleaned up. */
  readonly end?: RunEnd;
  readonly observed: { readonly time: number };
}

/**
 * The running attempt has registered what there is to do if it is stopped. Durable before the next thing that it performs,
 * so that a cancel of a run which nobody drives knows that there is something to clean up. Never canonical.
 */
export interface GuardEntry {
  readonly kind: 'guard';
  readonly at: AttemptKey;
  readonly node: string;
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
  readonly observed: {
    readonly began: number;
    readonly ended: number;
    /** The places at which the attempt started and ended, as those of `EffectOrder`. */
    readonly order?: { readonly started: number; readonly ended: number };
    readonly stacks?: Stacks;
  };
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
  readonly observed: {
    readonly time: number;
    readonly detached?: readonly TaskKey[];
    readonly stacks?: Stacks;
    /** What the error of the run advises, if it is one of Reprise. */
    readonly nextStep?: string;
  };
}

/** Entries that are kept beside the canonical ones of their step: observed, given back, never compared. */
export type BesideEntry = AmbientEntry | NoteEntry | PooledEntry;

/**
 * One line of a journal: what a run, one of its tasks or an effect did. Observers and stores get entries as plain data;
 * branch on `kind`, and ignore kinds that you do not know.
 */
export type Entry =
  | RunEntry
  | BeginEntry
  | EffectEntry
  | PooledEntry
  | TaskEntry
  | AmbientEntry
  | NoteEntry
  | GuardEntry
  | StopEntry
  | RestartEntry
  | ChunkEntry
  | EventEntry
  | OutcomeEntry
  | CommitEntry
  | EditEntry
  | EndEntry;

export function isBeside(entry: Entry): entry is BesideEntry {
  return entry.kind === 'ambient' || entry.kind === 'note' || entry.kind === 'pooled';
}

/** Whether this entry shows that the run is further than before: anything but what only re-entering an attempt writes. */
export function isProgress(entry: Entry): boolean {
  return entry.kind !== 'restart' && !isBeside(entry);
}

/** What says that something begins, and is durable before it does. */
export function isMark(entry: Entry): boolean {
  const { kind } = entry;
  if (kind === 'note') return entry.observed.decides !== undefined;
  return kind === 'begin' || kind === 'guard' || kind === 'stop';
}
