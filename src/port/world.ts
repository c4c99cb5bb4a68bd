// The world: what the outside decides about a run. In a live run it is the outside itself, in a replay a fixture. The
// engine asks it and never knows which of the two it is.
import type { Piece } from '../base/in-pieces.ts';
import type { Value } from '../base/value.ts';
import type { NodeSpec } from '../graph/spec.ts';
import type {
  AmbientEntry,
  AttemptResult,
  BeginEntry,
  CommitEntry,
  EditEntry,
  EffectOrder,
  EffectOutcome,
  EffectRef,
  OutcomeFacts,
  RunEnd,
  StopEntry,
  TaskSpec,
  TimerFiring,
} from '../journal/entry.ts';
import type { StepKey } from '../journal/key.ts';
import type { Quiet } from './event-loop.ts';
import type { Seal } from './seal.ts';

/** How the world answers an effect. */
export type Answer =
  /**
   * Perform it. `began`: an attempt began it before a crash, and its outcome is unknown. `hold`: wait until the attempt
   * has asked again for everything that was journaled. `begin` is called then, unless the returned function gave it up;
   * with an answer, if one turned up meanwhile. `isBusy`: its code may wait for something of its own.
   */
  | Performing
  /** It has already happened. */
  | AnsweredBefore
  /** It must not happen here. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** Nobody knew whether it had happened, and the attempt failed with this. */
  | { readonly kind: 'in doubt'; readonly error: Value }
  /** No answer came before the attempt timed out, or before the race was decided that it belongs to. */
  | { readonly kind: 'silent' };

export interface Performing {
  readonly kind: 'perform';
  readonly began?: BeginEntry;
  readonly hold?: (ref: EffectRef, begin: (answer?: AnsweredBefore) => void, isBusy?: () => boolean) => () => void;
  readonly simulate?: Simulate;
  /** It is performed no more: it has an outcome, or nobody is left to get it. */
  readonly over?: () => void;
}

/**
 * What stands in for the outside: it is asked when the request would leave. For the rest, the effect is like one that is
 * performed.
 */
export type Simulate = (idempotencyKey: () => string) => AnsweredBefore | Promise<AnsweredBefore>;

export interface AnsweredBefore {
  readonly kind: 'answered';
  readonly outcome: EffectOutcome;
  readonly facts?: OutcomeFacts;
  readonly order?: EffectOrder | undefined;
  /** It happened in this run, before a crash: where it is journaled, it has those places, and not the ones it gets now. */
  readonly keepsPlaces?: true;
  /** What the asker gets, where that is more than the entry holds: the exchange outlived the attempt that recorded it. */
  readonly given?: Pick<AnsweredBefore, 'outcome' | 'facts'>;
  /** Of such an exchange: what had reached its attempt. The rest comes after that has ended. */
  readonly outlived?: Outlived;
  /** What was recorded, if it was found by less than the whole request. `compare` is called with the rest. */
  readonly as?: EffectRef;
  readonly compare?: (request: Value) => void;
  /** It stands under another attempt or in the pool, so it is not journaled here. */
  readonly isMoved?: true;
  /** An earlier attempt of the task got it. It comes at once, and is not journaled here either. */
  readonly isKept?: true;
  /** Its entry there is void, so it is journaled here after all. */
  readonly isVoid?: true;
  /** Of a race: how many effects its losers had got before it was decided. They get them again first. */
  readonly gotByLosers?: number;
}

export interface Outlived {
  /** Whether the head of its answer had. */
  readonly hasHead: boolean;
  /** How many parts of its body had. */
  readonly partCount: number;
  /** Its place among all that outlived their attempts, in the order in which they ended. */
  readonly place: number;
}

/** What an attempt read of its process when it was recorded, or before it was interrupted. */
export interface RecordedReads {
  /** How many `ambient` entries it has already. */
  readonly entryCount: number;
  /** Those to give back. */
  readonly entries: readonly AmbientEntry[];
  /** What follows the record: a re-entered attempt reads the real clock again, and a replay never does. */
  readonly beyond: 'real' | 'derived';
  /** A replay has read what was not recorded. */
  unrecorded?(source: string): void;
  /** Told of everything that is read of a clock, or drawn, the functions of the context included. */
  given?(source: string, value: Value): void;
  /** All clocks stand still: what comes out is what it is without them. */
  readonly isStill?: boolean;
  /** What was drawn for one read is given to no other one. */
  readonly drawsOnce?: boolean;
}

/** The timers of an attempt that ran before. */
export interface RecordedTimers {
  readonly firings: readonly TimerFiring[];
  /** How many `ambient` entries the journal holds of the attempt. */
  readonly entryCount: number;
  /** Timers that are not recorded take no real time either. */
  readonly isReplay: boolean;
}

/** Where an attempt that ran before stands in the recorded order, if its places were needed. */
export interface RecordedAttempt {
  readonly isEnded: boolean;
  readonly started?: number | undefined;
  readonly ended?: number | undefined;
}

/** An attempt whose code runs. */
export interface StartedAttempt {
  readonly at: string;
  readonly node: string;
  readonly isOpen: boolean;
  /** It waits for a person, a signal or a long time, and nothing else. */
  readonly isWaiting: boolean;
  /** It can never continue, and fails. */
  threw(thrown: unknown): void;
}

export interface AttemptWorld {
  /** The key that draws and idempotency keys derive from. In a replay it is the key of the recorded attempt. */
  readonly drawKey: string;
  /** The chunks that a streaming node gave before a crash. */
  readonly chunks?: readonly Value[];
  /** The chunks after which a resumable node is started again. */
  readonly resumed?: readonly Value[] | undefined;
  /** For such an attempt: how many events of a stream are already there, of this task or outside of all. */
  eventCount?(stream: string, task?: string): number;
  /** Absent for an attempt that begins: everything it reads is real. */
  readonly reads?: RecordedReads | undefined;
  /** Absent for an attempt that begins. */
  readonly recorded?: RecordedAttempt | undefined;
  /** Absent for an attempt that begins: its timers are real. */
  readonly timers?: RecordedTimers | undefined;
  /** `kept`: what an earlier attempt of the task got. It counts unless this attempt is known to have asked again. */
  answer(effect: EffectRef, kept?: AnsweredBefore): Answer;
  /** What a call gets in place of what it has come to. */
  altered?(effect: EffectRef, outcome: EffectOutcome): EffectOutcome;
  /** Exchanges of earlier attempts are kept, whatever the policy: what this attempt asked for again is known. */
  readonly keepsExchanges?: true;
  /**
   * The client of an exchange reads on where it had stopped before, so that nothing more can come: the error it gets
   * instead. Without one, the client waits.
   */
  readPast?(effect: EffectRef): Error | undefined;
  /** The client of an exchange waits for more of its answer than was recorded. */
  waitsPast?(effect: EffectRef): void;
  /**
   * The attempt ends, and its code has the head of the answer to this exchange and has read none of its body, which is
   * still open or was stopped.
   */
  leavesUnread?(effect: EffectRef, how: 'open' | 'stopped'): void;
  /** Nothing is known in advance: whatever is asked for is performed, unless an earlier attempt of the task got it. */
  readonly performsAll?: true;
  /** The journal holds something of the attempt. */
  readonly hasBegun?: boolean;
  /** A worker has made the attempt, and seen to it that it asked again for everything that the journal holds of it. */
  madeElsewhere?(): void;
  /** Whether it has to know what a request asks for before any of it leaves. */
  readonly asksFirst?: boolean;
  /** The same for an exchange that starts after its attempt has ended. Without it, each one is performed. */
  answerLate?(effect: EffectRef): Answer;
  /**
   * Holds something new back if the attempt has not yet asked again for everything that was journaled. Returns whether
   * it does.
   */
  keepBack?(journal: () => void): boolean;
  /** The attempt starts. Absent where nobody has to end one that waits for ever. */
  opened?(attempt: StartedAttempt): void;
  /** Calls the node, or returns what the node is known to have returned. */
  run(node: () => unknown): unknown;
  /** The result that counts. In a live run it is the attempt's own. Undefined if the attempt must not end like this. */
  settle(result: AttemptResult): AttemptResult | undefined;
  /** Calls `expire` when the attempt has taken too long. The returned function cancels that. */
  watch(timeoutMs: number, expire: () => void): () => void;
  /** The world of a function that cleans up, by the number of its registration. Absent or undefined if none is to run. */
  cleanUp?(number: number): AttemptWorld | undefined;
  /** Its process died while it was being stopped: it performs nothing, and says again what there is to clean up. */
  readonly stopping?: StoppedBefore;
}

export interface StoppedBefore {
  readonly why: StopEntry['why'];
  /** An effect of it was in doubt: what it fails with. */
  readonly error?: Value | undefined;
  /** Its own time was over, so it has a result. */
  readonly isTimeout: boolean;
  /** Calls back once nothing more is to be expected of its node. `quiet`: what watches its run. */
  whenAtRest(quiet: Quiet, callback: () => void): void;
}

export interface TaskWorld {
  /** Taken for the task's node, which the graph lacks. */
  readonly standIn?: NodeSpec | undefined;
  /** Takes the task's failure if the graph has no handler for it. */
  readonly handler?: string | undefined;
  /** How many attempts the journal already holds. */
  readonly knownAttempts?: number | undefined;
  /** When the last of them ended, if the next one has not begun: only the rest of its wait is left. */
  readonly waitsSince?: number | undefined;
  /** How many of them had failed when the run failed. Resuming it adds another attempt. */
  readonly failedAttempts?: number | undefined;
  /** The attempts after which its attempts are known to have asked for everything again. */
  readonly freshAfter?: readonly number[];
  /** The attempt that was being stopped when its process died. It has still to clean up. */
  readonly stopping?: number | undefined;
  /**
   * The task is stopped. If an attempt that was dropped, and is not among those `entered` so far, had registered what to
   * do then, that one is `stopping` from now on.
   */
  stopDropped?(entered: number, stop: Pick<StopEntry, 'why' | 'end' | 'observed'>): void;
  /** `isResumable`: its node continues after the chunks it gave. */
  attempt(number: number, isResumable: boolean): AttemptWorld;
}

/** The order in which things happened to the attempts of a step that run again. */
export interface RecordedOrder {
  /** By recorded attempt. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** All of them. What follows the order takes out those that have come. */
  readonly numbers: Set<number>;
  readonly highest: number;
  /** The first place that is free. */
  readonly next: number;
  /** Nothing happens that is not recorded, unless the code differs. */
  readonly isWhole: boolean;
  /** Something was delivered before what came before it. */
  broken?(place: number): void;
}

export type StepPlan =
  /**
   * One world for each task, in rank order. `edits`: changes of the state before the step. `order`: of a step of the run
   * itself.
   */
  | {
      readonly kind: 'run';
      readonly tasks: readonly TaskWorld[];
      readonly edits?: readonly EditEntry[];
      readonly order?: RecordedOrder;
    }
  /** The run ends before this step, by a cancel or a limit. */
  | { readonly kind: 'end'; readonly end: RunEnd };

export interface StepResult {
  readonly state: Value;
  readonly commit: CommitEntry;
}

export interface World {
  /** Keeps nodes from reaching the outside; a live run has none. */
  readonly seal?: Seal | undefined;
  /** Announces a step before any of its tasks starts. */
  openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan;
  /** Does ahead, in pieces, what is long about opening a step of the run itself. `openStep` follows. */
  readyStep?(at: StepKey, tasks: readonly TaskSpec[]): Generator<Piece, void> | undefined;
  /**
   * Where attempts have still to clean up that were being stopped when their process died: in this step, or later in its
   * scope.
   */
  leftToCleanUp?(at: StepKey): 'here' | 'later' | undefined;
  /** How a run ended that was cancelled, or reached a limit, when nothing of it was left to run. */
  stoppedBehindLast?(): RunEnd | undefined;
  /** What the run continues from after a step. In a live run it is what was computed. */
  closeStep(step: StepResult): StepResult;
}
