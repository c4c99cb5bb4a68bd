// What code can ask for that is called below a node and was given no context: helpers, libraries, drivers.
import { anyFunction, filledText } from './base/options/option-kind.ts';
import { listOf } from './base/options/option-parts.ts';
import { checkArgument, noOptions } from './base/options/option-shape.ts';
import type { EffectOptions, NodeContext, PerformContext } from './graph/types/context-types.ts';
import type { CheckStorable } from './graph/types/storable.ts';
import type { Inputs } from './graph/types/input-types.ts';
import { plainReads } from './live/plain-reads.ts';
import { currentAttempt } from './port/attempt.ts';
import type { ContextOfAttempt } from './port/attempt.ts';

/** Undefined outside of a run, and inside `perform`, whose effect is the record of all that happens in it. */
function context(): ContextOfAttempt | undefined {
  return currentAttempt.getStore()?.context;
}

/** `context.now()` of the node that this is called below; outside of a run the time of the machine. */
export function now(name?: string): number {
  return context()?.now?.(name) ?? plainReads.now();
}

/** `context.random()` of the node that this is called below; outside of a run `Math.random()`. */
export function random(name?: string): number {
  return context()?.random?.(name) ?? plainReads.random();
}

/** `context.uuid()` of the node that this is called below; outside of a run `crypto.randomUUID()`. */
export function uuid(name?: string): string {
  return context()?.uuid?.(name) ?? plainReads.uuid();
}

/**
 * `context.effect()` of the node that this is called below. Outside of a run, and inside of another effect, it performs.
 *
 * ```ts
 * import { createEngine, effect, fields, graph, last, now } from 'reprise';
 *
 * // Somewhere below, in a file that knows nothing of graphs.
 * const priceOf = async (item: string) => effect('price', item, async (name) => name.length * 100);
 *
 * const shop = graph('shop', { state: fields({ price: last(0), at: last(0) }) })
 *   .node('look', async () => ({ delta: { price: await priceOf('lamp'), at: now() } }))
 *   .start('look')
 *   .build();
 * const engine = createEngine(shop);
 * console.log((await engine.run({}).orThrow()).price); // 400
 * console.log(await priceOf('chair')); // 500
 * await engine.close();
 * ```
 */
export const effect: NodeContext<undefined, Inputs>['effect'] = async (name, request, perform, options = noOptions) => {
  const here = context();
  if (here !== undefined) return here.effect(name, request, perform, options as EffectOptions);
  const given: PerformContext = { signal: new AbortController().signal, idempotencyKey: plainReads.uuid() };
  return perform(request, given);
};

type AsyncFunction = (...given: never[]) => Promise<unknown>;
type Storable<Fn extends AsyncFunction> = CheckStorable<Awaited<ReturnType<Fn>>, 'response'>;
type AsyncNames<Client> = { [Name in keyof Client]: Client[Name] extends AsyncFunction ? Name : never }[keyof Client] &
  string;

/**
 * Makes an async function an effect where it is called below a node: its arguments are the request, and in a replay it is
 * not called. Outside of a run it is the function. For what is no HTTP: database drivers, gRPC, child processes.
 *
 * Of a client it takes the methods that are named, as an object with these methods. What a journal cannot hold, in the
 * arguments or the result, is an error: return the plain part of it from a function of your own.
 *
 * ```ts
 * import { asEffect, createEngine, fields, graph, last } from 'reprise';
 *
 * const pool = { sent: 0, async query(sql: string) { this.sent += 1; return [{ sql, count: this.sent }]; } };
 * const db = asEffect('db', pool, ['query']);
 * const rowCount = asEffect('row-count', async (sql: string) => (await pool.query(sql)).length);
 *
 * const counting = graph('counting', { state: fields({ rows: last(0) }) })
 *   .node('count', async () => {
 *     await db.query('begin');
 *     return { delta: { rows: await rowCount('select 1') } };
 *   })
 *   .start('count')
 *   .build();
 * const engine = createEngine(counting);
 * console.log((await engine.run({}).orThrow()).rows); // 1
 * console.log(await db.query('outside of a run')); // [ { sql: 'outside of a run', count: 3 } ]
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function asEffect<Fn extends AsyncFunction>(name: string, fn: Fn & Storable<Fn>): Fn;
export function asEffect<Client extends object, Name extends AsyncNames<Client>>(
  name: string,
  client: Client,
  methods: readonly Name[],
): Pick<Client, Name>;
export function asEffect(name: string, given: object, methods?: readonly string[]): unknown {
  checkArgument('asEffect', 'name', filledText, name);
  if (methods === undefined) {
    checkArgument('asEffect', 'fn', anyFunction, given);
    return called(name, given as AnyFunction);
  }
  checkArgument('asEffect', 'methods', listOf(filledText, 'names of methods'), methods);
  const client = given as Readonly<Record<string, AnyFunction>>;
  for (const method of methods) checkArgument('asEffect', method, anyFunction, client[method]);
  return Object.fromEntries(
    methods.map((method) => [method, called(`${name}.${method}`, (...args) => client[method]?.(...args))]),
  );
}

type AnyFunction = (...given: unknown[]) => unknown;

function called(name: string, fn: AnyFunction): AnyFunction {
  return (...args) => {
    const here = context();
    return here === undefined ? fn(...args) : here.effect(name, args as never, (() => fn(...args)) as never);
  };
}
