// The context that a node gets besides the state.
import type { Inputs } from './input-types.ts';
import type { RetryPolicy } from '../spec.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { Routes } from './route-types.ts';
import type { CheckStorable } from './storable.ts';

/**
 * How `context.effect` treats retries, further attempts and doubts. Without options an effect is performed again if nobody
 * knows whether it happened: give `once` and `onDoubt` where a second time would do harm.
 */
export interface EffectOptions {
  /** Distinguishes equal requests that are in flight at the same time. */
  readonly key?: string;
  /**
   * A further attempt performs the effect again. By default it gets what an earlier attempt of its task has got for the
   * same request.
   */
  readonly repeat?: boolean;
  /**
   * The effect happens once for the task, whatever its request: another request in a further attempt is the error
   * `once-changed`.
   */
  readonly once?: boolean;
  /**
   * What to do if the effect began and nobody knows whether it happened: after a crash, a timeout or an abort, and after
   * an error that does not say so, such as a connection that broke, one with a status of 5xx, 408, 409 or 425, or one with
   * `mayHaveHappened: true`. `retry` performs it again with the same idempotency key (the default). `fail` fails the run with
   * `effect-in-doubt`, until somebody decides (`resume(id, { decide })`). `ask` asks a person.
   */
  readonly onDoubt?: 'retry' | 'fail' | 'ask';
  /**
   * Tries again after an error, as the retry policy of a node does, inside the same attempt. Each try is an effect of its
   * own in the journal, and the waits between are sleeps, which a replay does not wait for. After an error that does not
   * say whether the effect happened, the next try has the same idempotency key; where it may have happened, `onDoubt` decides
   * first. An error that has a `retryAfter` says itself how long to wait: a number of milliseconds, or a text as HTTP has it
   * (seconds, or a date).
   */
  readonly retry?: RetryPolicy;
}

/**
 * How `context.ask` puts a question to a person. Without options any answer is taken, and the node waits for as long as
 * it takes.
 */
export interface AskOptions<Given = unknown, Answer = Given> {
  /** Distinguishes the question from others of the task; `question` by default. */
  readonly name?: string;
  /** Any Standard Schema. An invalid answer is refused, and the question stays open. */
  readonly schema?: StandardSchema<Given, Answer>;
  /**
   * How long to wait for the answer, in milliseconds. After that, `ask` throws `answer-timeout`, which the node may
   * catch.
   */
  readonly timeoutMs?: number;
}

/** How long `context.receive` waits. Without a limit the run pauses until the signal comes. */
export interface ReceiveOptions {
  /**
   * How long to wait for the signal, in milliseconds. After that, `receive` throws `receive-timeout`, which the node may
   * catch.
   */
  readonly timeoutMs?: number;
}

/**
 * What the function of an effect gets, in order to stop in time and to let the other side recognize a repeated request.
 */
export interface PerformContext {
  /** Aborts once nothing waits for the response any more. */
  readonly signal: AbortSignal;
  /**
   * The same whenever this effect is performed again, in further tries and attempts too, until an error says that it did
   * not happen. Pass it on, so that the other side can refuse to act twice. `mayHaveHappened` on the error that is thrown,
   * `true` or `false`, says it where the error itself does not.
   */
  readonly idempotencyKey: string;
}

/**
 * Needed only where a function registered with `onStop` performs two effects of one name at the same time with equal
 * requests.
 */
export interface CleanUpEffectOptions {
  /** Distinguishes equal requests that are in flight at the same time. */
  readonly key?: string;
}

/**
 * Tells `context.onStop` what the function makes undone. Without it, a further attempt still takes those effects as
 * done.
 */
export interface OnStopOptions {
  /**
   * The names of effects of this task that the function takes back. Once it has run to its end, what they had got no
   * longer counts: a further attempt performs them again, with a new idempotency key.
   */
  readonly undoes?: readonly string[];
}

/**
 * The context of a function that a node has registered with `onStop`, for the case that its attempt is stopped.
 *
 * Register before you acquire: an acquisition whose outcome is unknown is cleaned up too.
 *
 * ```ts
 * import { createEngine, fields, graph, last } from 'reprise';
 *
 * const locks = new Set<string>();
 * const report = graph('report', { state: fields({ text: last('') }) })
 *   .node(
 *     'write',
 *     async (_state, { effect, onStop, sleep }) => {
 *       const unlock = (name: string) => void locks.delete(name);
 *       onStop(({ effect }) => effect('unlock', 'report', unlock), { undoes: ['lock'] });
 *       await effect('lock', 'report', (name) => void locks.add(name));
 *       await sleep(60_000);
 *     },
 *     { timeoutMs: 20 },
 *   )
 *   .start('write')
 *   .build();
 *
 * const engine = createEngine(report);
 * const run = await engine.run({});
 * console.log(run.status, locks.size); // failed 0
 * await engine.close();
 * ```
 */
export interface CleanUpContext {
  /** Aborts when the function has taken too long. It does not abort with that of the node. */
  readonly signal: AbortSignal;
  /** Waits for `delayMs`. A replay does not wait. */
  sleep(this: void, delayMs: number, name?: string): Promise<void>;
  /**
   * A recorded interaction with the outside. It happens at least once: if the process dies before its outcome is
   * recorded, another process performs it again, with the same idempotency key.
   */
  effect<Request, Response>(
    this: void,
    name: string,
    request: Request & CheckStorable<NoInfer<Request>, 'request'>,
    perform: ((request: Request, context: PerformContext) => Promise<Response> | Response) &
      CheckStorable<NoInfer<Response>, 'response'>,
    options?: CleanUpEffectOptions,
  ): Promise<Response>;
}

export interface EmitOptions {
  /** Events are ordered within their stream. */
  readonly stream?: string;
}

/** The branches of a race, by name. Each gets a signal that aborts when it has lost. */
export type RaceBranches = { readonly [branch: string]: (signal: AbortSignal) => unknown };

/** Which branch won a race, and what it returned. */
export type RaceWinner<Branches extends RaceBranches> = {
  readonly [Branch in keyof Branches & string]: {
    readonly branch: Branch;
    readonly value: Awaited<ReturnType<Branches[Branch]>>;
  };
}[keyof Branches & string];

interface ContextBase<Input> {
  /** The input that the node was sent. */
  readonly input: Input;
  /** Aborts when the run is cancelled, when a task of lower rank has failed, or when the attempt has timed out. */
  readonly signal: AbortSignal;
  /** The key of this task: its step and its rank. */
  readonly key: string;
  /** The number of the attempt: 1 at first, and one more after each failure or timeout. */
  readonly attempt: number;
  /** The same when the attempt is repeated after a crash. */
  readonly idempotencyKey: string;
  /** The time in milliseconds since 1970. It is recorded. A name distinguishes the call from others. */
  now(this: void, name?: string): number;
  /** A number from 0 up to but not including 1, derived from the seed of the run and the key of the attempt. */
  random(this: void, name?: string): number;
  /** A version-4 UUID, derived in the same way. */
  uuid(this: void, name?: string): string;
  /** Waits for `delayMs`. A replay does not wait. */
  sleep(this: void, delayMs: number, name?: string): Promise<void>;
  /** Waits until a time: a date, or milliseconds since 1970. A replay does not wait. */
  sleepUntil(this: void, time: Date | number, name?: string): Promise<void>;
  /**
   * Asks a person. The question can be answered as soon as it is asked. The run pauses once everything else in its step
   * is done, and the process may then end: `resume` continues with the answer, even days later. The node runs again from
   * its start, and what it did before is answered from the journal.
   */
  ask<Given, Answer = Given>(this: void, question: unknown, options?: AskOptions<Given, Answer>): Promise<Answer>;
  /**
   * Waits for the next signal of this name that `engine.send` sends to the run. Signals that came before are kept. The
   * run pauses as it does for a question.
   */
  receive<Signal>(this: void, name: string, options?: ReceiveOptions): Promise<Signal>;
  /** Labels the commit at the end of this step, so that `history`, `stateAt` and `fork` find it. */
  label(this: void, label: string): void;
  /** Sends an event to the event sinks of the engine. */
  emit<Data = undefined>(
    this: void,
    name: string,
    data?: Data & CheckStorable<NoInfer<Data>, 'data'>,
    options?: EmitOptions,
  ): void;
  /** A recorded interaction with the outside. `perform` is called in a live run, never in a replay. */
  effect<Request, Response>(
    this: void,
    name: string,
    request: Request & CheckStorable<NoInfer<Request>, 'request'>,
    perform: ((request: Request, context: PerformContext) => Promise<Response> | Response) &
      CheckStorable<NoInfer<Response>, 'response'>,
    options?: EffectOptions,
  ): Promise<Response>;
  /**
   * Runs functions side by side, and returns which of them succeeded first, and with what. One that fails is out of the
   * race; if all fail, so does the race, with an `AggregateError` of their errors.
   *
   * Which of them won is recorded, as the answer of an effect is: a replay, a resumed run and a further attempt have the
   * same winner, and so has every order that is explored. (`Promise.race` over effects depends on their order each time.)
   *
   * The others have lost: what they wait for is given up, their signals abort, and whatever they still try is refused with
   * `race-lost`. Pass the signal on to what does not know of the run.
   *
   * ```ts
   * import { createEngine, fields, graph, last } from 'reprise';
   *
   * const hedged = graph('hedged', { state: fields({ answer: last(''), by: last('') }) })
   *   .node('ask', async (_state, { effect, race, sleep }) => {
   *     const model = async (name: string) => effect('model', name, async () => `answer of ${name}`);
   *     const first = await race('answer', {
   *       primary: async () => model('large'),
   *       backup: async () => {
   *         await sleep(2_000);
   *         return model('small');
   *       },
   *     });
   *     return { delta: { answer: first.value, by: first.branch } };
   *   })
   *   .start('ask')
   *   .build();
   *
   * const engine = createEngine(hedged);
   * const { answer, by } = await engine.run({}).orThrow();
   * console.log(`${by}: ${answer}`); // primary: answer of large
   * await engine.close();
   * ```
   */
  race<Branches extends RaceBranches>(name: string, branches: Branches): Promise<RaceWinner<Branches>>;
  /**
   * Registers a function that cleans up if this attempt is stopped: by its timeout, by the failure of a task of lower
   * rank, by a cancel, by a limit, or because an effect of it is in doubt. Register before you acquire, so that an acquisition
   * whose outcome is unknown is cleaned up too. It does not run for an attempt that returns or throws; use `finally` for that
   * as well.
   *
   * The functions of an attempt run one after another, the last registered first, each for at most `cleanupMs`. What one
   * of them throws is a note of the run. A retry of the node, and the end of the run, wait for them.
   *
   * A further attempt keeps what effects have got, unless `undoes` names them.
   *
   * @throws RepriseError `task-detached` if the attempt has been stopped already
   */
  onStop(this: void, cleanUp: (context: CleanUpContext) => unknown, options?: OnStopOptions): void;
}

/**
 * What a node gets besides the state: its input, its routes, and the ways to reach the outside that are recorded, so
 * that a replay can answer them.
 */
export interface NodeContext<Input, I extends Inputs, Delta = unknown> extends ContextBase<Input>, Routes<I> {
  /** Streams a chunk, which is a partial delta. `yield` does the same in a node that is an async generator. */
  stream(this: void, chunk: Delta): void;
  /**
   * For a `resumable` node that is started again after a crash or a pause: the chunks it gave before. Otherwise empty.
   */
  readonly resumed: readonly Delta[];
}
