// A built graph as the engine reads it: plain frozen data and the user's functions. The builder's types guard the way
// in; here everything is erased, and `description` is what of it can be written down.
import type { Value } from '../base/value.ts';
import type { FieldDescription, GraphDescription } from '../journal/description.ts';
import type { AnySchema } from './standard-schema.ts';

/** A field: its description, and the functions of the user's that it names. */
export interface FieldSpec {
  readonly name: string;
  readonly description: FieldDescription;
  /** `reduce`: merges one task's delta. */
  readonly reduce?: (value: never, delta: never) => unknown;
  /** `upsert` by a function: finds what identifies a record. */
  readonly keyOf?: (record: never) => unknown;
  /** The choice between the writes of one step, where `description.onConflict` is 'custom'. `merge` says for which key. */
  readonly choose?: (writes: never, key: string) => unknown;
}

export type StateSpec = (
  | { readonly kind: 'fields'; readonly fields: ReadonlyMap<string, FieldSpec> }
  | { readonly kind: 'function'; readonly initial: Value; readonly reduce: (state: never, delta: never) => unknown }
) & {
  /** Asked about each state that a step leaves. */
  readonly schema?: AnySchema;
};

export interface RetryPolicy {
  /** How many attempts in all, at least 1. */
  readonly attempts: number;
  /** The wait before the second attempt, in milliseconds; 0 by default. */
  readonly delayMs?: number;
  /** Each further wait is this many times the one before; 2 by default. */
  readonly backoff?: number;
  /** No wait is longer; 30,000 by default. */
  readonly maxDelayMs?: number;
  /** 0 to 1: up to this share of a wait is taken off at random (drawn from the seed); 0 by default. */
  readonly jitter?: number;
  /** Which errors are tried again; by default all. */
  readonly when?: (error: unknown) => boolean;
}

export interface NodePolicy {
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly maxConcurrent?: number;
  readonly onError?: string;
  /** What the chunks of a streaming node come to, one after another. */
  readonly accumulate?: (delta: never, chunk: never) => unknown;
  /** After a crash it goes on behind the chunks that it gave. */
  readonly resumable?: true;
}

export interface FunctionNode {
  readonly kind: 'function';
  readonly name: string;
  readonly policy: NodePolicy;
  /** Checks and completes a `send` payload where the input was declared by a Standard Schema. */
  readonly parseInput?: (payload: Value) => Value;
  readonly run: (state: never, context: never) => unknown;
}

export interface SubgraphNode {
  readonly kind: 'subgraph';
  readonly name: string;
  readonly policy: NodePolicy;
  readonly parseInput?: (payload: Value) => Value;
  readonly graph: GraphSpec;
  readonly input: (state: never, context: never) => unknown;
  readonly output: (inner: never) => unknown;
}

export type NodeSpec = FunctionNode | SubgraphNode;

/** One target of a node, in declared order. A join is an edge of each of its sources. */
export type Target =
  | { readonly kind: 'edge'; readonly to: string; readonly when?: (state: never) => boolean }
  | { readonly kind: 'join'; readonly join: number };

export interface JoinSpec {
  readonly from: readonly string[];
  readonly to: string;
}

export interface GraphSpec {
  readonly name: string;
  readonly description: GraphDescription;
  /** Digest of the description: never of a function's source. */
  readonly fingerprint: string;
  readonly state: StateSpec;
  readonly nodes: ReadonlyMap<string, NodeSpec>;
  /** By node name. */
  readonly targets: ReadonlyMap<string, readonly Target[]>;
  readonly joins: readonly JoinSpec[];
  readonly start: string;
  /** Checks and completes the input of a run. */
  readonly inputSchema?: AnySchema;
  /** Brings the state of a run over that was begun with another version. */
  readonly migrate?: (state: never, from: never) => unknown;
}
