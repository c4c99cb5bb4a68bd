import type { EffectRef } from '../journal/entry.ts';

export type ArrivalKind =
  /** An attempt could begin. */
  | 'start'
  /** What an effect asks of the outside could leave. */
  | 'request'
  /** An effect has its answer; of an answer in parts, its head. */
  | 'effect'
  /** The same, of one that waits for people or for a signal. */
  | 'message'
  | 'sleep'
  /** The next part of a body, or its end. */
  | 'part'
  /** What a streaming node yields next could be taken. */
  | 'chunk'
  /** A timer that a node has set. */
  | 'timer'
  /** A further attempt could begin. */
  | 'retry'
  /** The time of an attempt is over. */
  | 'timeout'
  /** A node has returned, or failed. */
  | 'task';

/** Something that is ready to happen in a run. Only its place in the order is still open. */
export interface Arrival {
  readonly kind: ArrivalKind;
  /** The key of the attempt that it happens to. */
  readonly at: string;
  /** The effect that it is about. */
  readonly effect?: EffectRef | undefined;
  /** Which of its like it is: of the parts of a body, of chunks, of the firings of a timer. */
  readonly place?: number | string | undefined;
  /** Of a request: what the outside is told to know it by. */
  readonly idempotencyKey?: string | undefined;
  deliver(): void;
}

/**
 * Answers the engine's only open question: which of the things that are ready happens next. Its answers are the
 * schedule. An oracle orders deliveries and never decides an outcome. It must deliver each arrival once.
 */
export interface Oracle {
  arrive(arrival: Arrival): void;
  /**
   * It controls the order: it is asked about attempts that start, requests that leave, chunks and parts of bodies as well,
   * which otherwise just happen.
   */
  readonly isControlled?: true;
  /** An attempt is over: what is still to be delivered to it does nothing. */
  left?(at: string): void;
}

/** Whatever completes first happens first. */
export const arrivalOrder: Oracle = { arrive: (arrival) => arrival.deliver() };
