// A built graph as the engine reads it: plain frozen data and the user's functions. The types of the builder guard the
// way in. Here everything is erased, and `description` is the part that can be written down.
import type { Value } from '../base/value.ts';
import type { FieldDescription, GraphDescription } from '../journal/description.ts';
import type { AnySchema } from './types/standard-schema.ts';

/** A field: its description, and the user functions that the description refers to. */
export interface FieldSpec {
  readonly name: string;
  readonly description: FieldDescription;
  /** `reduce`: merges one task's delta. */
  readonly reduce?: (value: never, delta: never) => unknown;
  /** `upsert` by a function: finds what identifies a record. */
  readonly keyOf?: (record: never) => unknown;
  /**
   * Decides between the writes of one step if `description.onConflict` is 'custom'. For `merge` it gets the key as
   * well.
   */
  readonly choose?: (writes: never, key: string) => unknown;
}

export type StateSpec = (
  | { readonly kind: 'fields'; readonly fields: ReadonlyMap<string, FieldSpec> }
  | { readonly kind: 'function'; readonly initial: Value; readonly reduce: (state: never, delta: never) => unknown }
) & {
  /** Checks each state that a step leaves. */
  readonly schema?: AnySchema;
};

/**
 * When and how often something that failed is tried again: a node, or a single effect. A run that was interrupted waits
 * only for what is left of a wait, and a replay does not wait at all.
 */
export interface RetryPolicy {
  /** How many attempts in total, at least 1. */
  readonly attempts: number;
  /** The wait before the second attempt, in milliseconds; 0 by default. */
  readonly delayMs?: number;
  /** The factor by which each further wait is longer than the one before; 2 by default. */
  readonly backoff?: number;
  /**
   * The longest wait, in milliseconds; 30,000 by default. If it is given, it also limits the wait that an error asks for by
   * its `retryAfter`: a number of milliseconds, or a text as HTTP has it (seconds, or a date).
   */
  readonly maxDelayMs?: number;
  /** From 0 to 1: up to this share of a wait is taken off at random, drawn from the seed; 0 by default. */
  readonly jitter?: number;
  /**
   * Which errors are retried; all by default. An error that came from an `effect` is an instance of its class only if that is one
   * of the language or the platform: ask for the `name` or the fields of your own.
   */
  readonly when?: (error: unknown) => boolean;
}

export interface NodePolicy {
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly maxConcurrent?: number;
  readonly onError?: string;
  /** Folds the chunks of a streaming node, one after another. */
  readonly accumulate?: (delta: never, chunk: never) => unknown;
  /** After a crash it continues after the chunks it gave. */
  readonly resumable?: true;
  /** An empty list of routes is no route, so the edges decide. */
  readonly emptyRoute?: 'edges';
  /** Its tasks run on workers. No part of the description: where a task ran is nothing that a journal tells. */
  readonly on?: 'workers';
}

export interface FunctionNode {
  readonly kind: 'function';
  readonly name: string;
  readonly policy: NodePolicy;
  /** Checks and completes a `send` payload if the input was declared by a Standard Schema. */
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
  /** Migrates the state of a run that began with another version. */
  readonly migrate?: (state: never, from: never) => unknown;
}
