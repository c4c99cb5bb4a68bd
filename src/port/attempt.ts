// Tells the outside which attempt is calling. An exchange belongs to the task in whose asynchronous context it starts:
// the engine puts an attempt there around a node, and HTTP interception and the doors of a replay look it up.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Value } from '../base/value.ts';
import type { EffectOptions, NodeContext } from '../graph/types/context-types.ts';
import type { Inputs } from '../graph/types/input-types.ts';
import type { EffectOutcome, OutcomeFacts, RunEntry } from '../journal/entry.ts';
import type { RequestRules } from '../journal/run-facts.ts';
import type { AmbientReads } from './ambient-reads.ts';
import type { TaskOpener } from './task.ts';
import type { Quiet } from './event-loop.ts';
import type { Seal } from './seal.ts';
import type { Answer } from './world.ts';

/** What to do about an effect whose outcome is unknown, after a crash or in an attempt that was aborted. */
export type OnDoubt = NonNullable<EffectOptions['onDoubt']>;

/**
 * The identity of a request by the rules of a run (see journal/http/http-request.ts): canonical, credentials replaced.
 * Called once, and only when it is needed where nothing has to be known before the request leaves.
 */
export type IdentifyRequest = (run: Pick<RunEntry, 'semantics' | 'rules'>) => Value;

/** An HTTP exchange that the outside is about to make inside an attempt. */
export interface ExchangeRequest {
  /**
   * Stops the exchange, because its attempt was stopped, or for the `reason` that is given. Called at most once, and never
   * after `settle`. The exchange must still settle, with what was taken until then.
   */
  abandon(reason?: Error): void;
  /**
   * What has been delivered so far of an exchange that continues: its `head` when its attempt has ended, `all` when its
   * run ends.
   */
  delivered(what: 'head' | 'all'): Delivered;
  /** The node has the head of the answer, and reads none of its body. */
  isUnread(): boolean;
  /** The same of a body that the node has stopped. */
  isStoppedUnread(): boolean;
  /** What to do if it is unknown whether the exchange happened; 'retry' by default. */
  readonly onDoubt?: OnDoubt;
  /** If it succeeded in an earlier attempt of the task, that answer counts. */
  readonly keeps?: boolean;
  /** It has an idempotency key: an equal one before it that does not say whether it happened was the same, with the same key. */
  readonly isTry?: boolean;
}

/** How an exchange ended, or how far it has come. */
export interface Delivered {
  readonly outcome: EffectOutcome;
  readonly facts: OutcomeFacts;
}

/** An outcome that the journal holds, or that was decided on. */
export interface GivenOutcome {
  readonly outcome: EffectOutcome;
  readonly facts?: OutcomeFacts | undefined;
}

/** When the parts of a recorded body are given, its end included. */
export interface BodyPace {
  /**
   * Resolves when the next part may be given; undefined if it may be given now. It comes when its place in the order has
   * come and the client has taken what it was given before (`isTaken`), or when all is quiet.
   */
  next(isTaken: () => boolean): Promise<void> | undefined;
  /** Nothing more was recorded, and its client waits. `fail` is called if nothing else can happen either. */
  past(fail: (error: Error) => void): void;
  /** Nobody reads what is left. */
  leave(): void;
}

export interface OpenExchange {
  readonly answer: Answer;
  /** To send along: the same for the same exchange when its attempt is entered again. */
  readonly idempotencyKey: string;
  /**
   * Resolves when the request may be sent: await it before the first byte leaves. Resolves to an outcome if the request
   * must not be sent. Rejects if the attempt is stopped first.
   */
  readonly ready: Promise<GivenOutcome | undefined> | undefined;
  /** What `ready` will resolve to, where the journal holds it. Unless its attempt is stopped before. */
  readonly known?: GivenOutcome | undefined;
  /** Its answer is made up, and nothing leaves for it. */
  readonly isSimulated?: boolean;
  /** For an exchange that is answered from the journal. */
  readonly pace?: BodyPace | undefined;
  /** Has its request identified now, if it was not needed before: it has left, and time passes until it is answered. */
  name?(): void;
  /** The client gets the head of the answer, or a part of its body, or learns of its end. */
  arrived(): void;
  /** All of a request that was asked about before it was whole is known now. */
  compare?(identify: IdentifyRequest): void;
  /** Journals how the exchange ended. Only if `answer` is 'perform'. */
  settle(outcome: EffectOutcome, facts: OutcomeFacts): void;
  /** The exchange cannot be recorded: nothing of it is journaled, and it continues as if it were nobody's. */
  forget(): void;
}

/** An exchange that is sent before its body is whole. */
export interface SendingExchange {
  /** Opens it with what was written of the request by now: its attempt ends. */
  name(): void;
  /** Its attempt was stopped. */
  abandon(): void;
}

export interface BegunExchange {
  readonly ready: Promise<undefined> | undefined;
  /** It is opened now, or not recorded. */
  named(): void;
}

/** The HTTP exchanges of an attempt. */
export interface AttemptHttp {
  /** The engine that runs the attempt: what is recorded, and how, was set there. */
  readonly engine: object | undefined;
  /** Those of its run; undefined where the run has none. */
  readonly rules: RequestRules | undefined;
  /**
   * What becomes of a request that starts now. It is `refused` once the attempt was stopped. One that starts after the
   * attempt has ended well is `recorded` in the pool of the run, and once that has ended as well, it is `nobody`'s.
   */
  readonly requests: 'recorded' | 'refused' | 'nobody';
  /** Whether it has to be known what a request asks for before any of it leaves. */
  readonly asksFirst: boolean;
  /** Whether what is journaled survives the death of the process. */
  readonly isDurable: boolean;
  open(request: ExchangeRequest, identify: IdentifyRequest): OpenExchange;
  /** Announces an exchange whose request is still being written. It is opened once the request is known. */
  begin(sending: SendingExchange): BegunExchange;
}

/** A timer that the code of a node has set. */
export interface NodeTimer {
  /** It needs a real timer, and `elapsed` is called whenever that fires. Otherwise it fires by itself. */
  readonly isReal: boolean;
  /** Whether it fires as soon as `elapsed` is called. Otherwise what was recorded comes first. */
  readonly isOnTime: boolean;
  elapsed(): void;
  /** It is cleared, or has fired for the last time. */
  close(): void;
  /** It starts again. */
  refresh(): void;
}

/** What surrounds the code of an attempt. */
export interface AmbientOfAttempt {
  /** Where its clocks and random values come from; undefined if they are the real ones, and nobody keeps them. */
  readonly reads: AmbientReads | undefined;
  /** What watches its run; undefined outside of any. */
  readonly quiet: Quiet | undefined;
  /**
   * Something reached its code from outside: an answer, or the firing of a timer. `task`: the path of the task inside it
   * that had asked. `part`: only a part of a body did.
   */
  delivered(task?: string, what?: 'part'): void;
  /** In a replay: its code threw where no caller could catch it, or can never continue. The attempt fails. */
  threw(thrown: unknown): void;
  /**
   * `fire` is called for each firing, when its place in the order has come. Undefined if nobody looks at its timers.
   */
  openTimer(delayMs: number, repeats: boolean, fire: () => void, role?: TimerRole): NodeTimer | undefined;
}

/** What a timer is there for. */
export interface TimerRole {
  /** Its code did not set it, a socket of ours did. Live its code has no such timer, so nothing is recorded. */
  readonly isOfSocket?: true;
  /** Whether it is to fire, and not there only in case that something else does not come. */
  readonly isWork?: () => boolean;
}

type ContextOfNode = NodeContext<undefined, Inputs>;

/** The part of a context that code below a node can ask for without it. A function that cleans up has only effects. */
export interface ContextOfAttempt
  extends Pick<ContextOfNode, 'effect'>,
    Partial<Pick<ContextOfNode, 'now' | 'random' | 'uuid'>> {}

export interface CurrentAttempt {
  readonly at: string;
  readonly node: string;
  /** Set inside `perform`: the outer effect is the record, so nothing inside it is intercepted. */
  readonly isPerforming?: boolean;
  /** Then: the attempt whose effect is performed. */
  readonly performs?: object;
  /** Undefined where tasks are not kept: inside `perform`, for example. */
  readonly tasks?: TaskOpener;
  /** Undefined inside `perform`. */
  readonly context?: ContextOfAttempt | undefined;
  /** False once the attempt is over. */
  readonly isOpen: boolean;
  /** Its result is known, and only its place in the order is awaited. */
  readonly isDone?: boolean;
  readonly signal: AbortSignal;
  /** In a replay: refuses what would reach the outside. */
  readonly seal?: Seal | undefined;
  readonly ambient: AmbientOfAttempt;
  readonly http: AttemptHttp;
  /** The error for something that a stopped task still tries. */
  refusal(what: string): Error;
  /** Notes that a promise which nobody awaited was rejected here. */
  noteRejection(reason: unknown): void;
  /** Notes that something happened here that no journal can hold: a raw socket, a child process. */
  noteUnrecorded(what: string): void;
}

export const currentAttempt = new AsyncLocalStorage<CurrentAttempt>();

const beforeNodes = new Set<() => void>();

/** Calls back before the code of each attempt starts, until the returned function is called. */
export function beforeEachNode(look: () => void): () => void {
  beforeNodes.add(look);
  return () => void beforeNodes.delete(look);
}

/** The code of an attempt is about to start. */
export function nodeStarts(): void {
  if (beforeNodes.size > 0) for (const look of beforeNodes) look();
}

/** Runs code that only happens to run in the asynchronous context of an attempt, and is not the node's. */
export function outsideAttempts<Result>(run: () => Result): Result {
  return currentAttempt.getStore() === undefined ? run() : currentAttempt.run(undefined as never, run);
}

const aroundRunsStorage = new AsyncLocalStorage<true>();

/** Runs code that watches runs and is part of none: an event sink, an observer. Nobody need know what it asks for. */
export function aroundRuns<Result>(run: () => Result): Result {
  return aroundRunsStorage.run(true, () => outsideAttempts(run));
}

/** Whether this is code inside `aroundRuns`, or what that has started. */
export function isAroundRuns(): boolean {
  return aroundRunsStorage.getStore() === true;
}
