// What a node function may be, and what the compiler says about one that does not fit its graph.
import type { NodeContext } from './context-types.ts';
import type { Shape } from './field-types.ts';
import type { FailureNodes, Inputs, ReceivedFor } from './input-types.ts';
import type { AnyRoute } from './route-types.ts';
import type { RetryPolicy } from '../spec.ts';
import type { IsAny, KeysOfUnion, Quoted, TypeMessage } from './type-message.ts';

/** What a node returns: a change of the state, and where the run goes next. Without a route the edges decide. */
export interface NodeResult<Delta, Route = AnyRoute> {
  readonly delta?: Delta;
  readonly route?: Route | readonly Route[];
}

// biome-ignore lint/suspicious/noConfusingVoidType: a node function that ends without a return gives void
type Nothing = void;

/**
 * What inference accepts: results, and any other object, so that `CheckResult` can say in a sentence what is wrong with
 * it. `delta` and `route` are named so that editors complete them and literals stay literals. `then` keeps promises
 * out.
 */
export type AnyOut<Delta> = Nothing | (object & LooseResult<Delta>);
interface LooseResult<Delta> {
  readonly delta?: Delta | object;
  readonly route?: AnyRoute | readonly AnyRoute[] | object;
  readonly then?: never;
}
// Chunk and Out are inferred separately: with one parameter for both, TypeScript widens the literals of a generator.
export type NodeReturn<Chunk, Out> = AsyncGenerator<Chunk, Out, void> | Promise<Out> | Out;

type DeltaIn<Out> = Out extends { readonly delta?: infer Delta } ? NonNullable<Delta> : never;
type UnknownKeys<Given, Known> =
  IsAny<Given> extends true ? never : Given extends object ? Exclude<KeysOfUnion<Given>, KeysOfUnion<Known>> : never;
/** `unknown` if what a node returns fits the graph. Otherwise a sentence, or the type it should have had. */
export type CheckResult<Chunk, Out, Delta> = CheckChunk<Chunk, Delta> &
  (IsAny<Out> extends true
    ? unknown
    : [AnyOut<Delta>] extends [Out]
      ? unknown // Nothing was inferred, since nothing is returned.
      : CheckKeys<Out, Delta>);

/** What inference accepts as a chunk. `Delta` is named so that literals stay literals. */
export type AnyChunk<Delta> = Delta | object;

/** Checks that what is yielded is a partial delta. */
type CheckChunk<Chunk, Delta> =
  IsAny<Chunk> extends true
    ? unknown
    : [AnyChunk<Delta>] extends [Chunk]
      ? unknown // Nothing is yielded.
      : [UnknownKeys<Chunk, Delta>] extends [never]
        ? [Chunk] extends [Delta]
          ? unknown
          : (...given: never[]) => AsyncGenerator<Delta, unknown, void>
        : TypeMessage<`a chunk names ${Quoted<UnknownKeys<Chunk, Delta>>}, which is not a field of this graph's state`>;

/** A promise or a generator is not a result by itself. */
interface NoSettler {
  readonly then?: never;
  readonly next?: never;
}

type CheckKeys<Out, Delta> = [UnknownKeys<Out, NodeResult<Delta>>] extends [never]
  ? [UnknownKeys<DeltaIn<Out>, Delta>] extends [never]
    ? [Out] extends [NodeResult<Delta> | Nothing]
      ? unknown
      : (...given: never[]) => NodeReturn<unknown, (NodeResult<Delta> & NoSettler) | Nothing>
    : TypeMessage<`the delta names ${Quoted<UnknownKeys<DeltaIn<Out>, Delta>>}, which is not a field of this graph's state`>
  : TypeMessage<`a node returns { delta, route }: put ${Quoted<UnknownKeys<Out, NodeResult<Delta>>>} into delta`>;

/** State and context in, a result out. */
export type NodeFunction<S extends Shape, I extends Inputs, Name extends string, Chunk, Out> = ((
  state: S['state'],
  context: NodeContext<ReceivedFor<Name, I>, I, S['delta']>,
) => NodeReturn<Chunk, Out>) &
  CheckResult<Chunk, Out, S['delta']>;

/** A node function whose types are known. `define` returns it. */
export type TypedNode<S extends Shape, I extends Inputs, Name extends string, Chunk, Out> = (
  state: S['state'],
  context: NodeContext<ReceivedFor<Name, I>, I, S['delta']>,
) => NodeReturn<Chunk, Out>;

type FailureTarget<I extends Inputs> = [FailureNodes<I>] extends [never]
  ? TypeMessage<'no node takes a failure: declare one with inputs: { rescue: failure() }'>
  : FailureNodes<I>;

/**
 * How a node is tried, limited and placed. Without options it has one attempt without a time limit, and its failure
 * fails the run.
 */
export interface NodeOptions<I extends Inputs = Inputs, Delta = unknown> {
  /**
   * Folds chunks if their fields cannot be folded without it. It gets the delta so far (undefined at first) and the
   * next chunk.
   */
  readonly accumulate?: (delta: Delta | undefined, chunk: Delta) => Delta;
  /**
   * After a crash or a pause, the node is started with the chunks it has given (`context.resumed`) and continues after
   * them. Otherwise it gives them again from its start, and equal ones are not delivered twice.
   */
  readonly resumable?: boolean;
  /**
   * What an empty list of routes means: by default the error `empty-route`; with `edges` the same as no route, so that a
   * fan-out over nothing continues by the edges of the node.
   */
  readonly emptyRoute?: 'error' | 'edges';
  /** Further attempts after a failure or a timeout. */
  readonly retry?: RetryPolicy;
  /** How long an attempt may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** How many tasks of this node may run at once. */
  readonly maxConcurrent?: number;
  /**
   * Its tasks run on workers (`engine.work({ tasks })`), in this process or another, for as long as others can use the store
   * of the engine; a run waits for them. A replay, and an engine without a store of its own, run them where they are. Such a
   * node cannot ask people or receive signals (`not-on-workers`), and what it streams and emits is seen once it has ended.
   */
  readonly on?: 'workers';
  /** The node that handles the failure of the last attempt. Declare it with `inputs: { rescue: failure() }`. */
  readonly onError?: FailureTarget<I>;
}
