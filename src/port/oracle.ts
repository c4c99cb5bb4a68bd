/** Something that is ready to happen in a run. Only its place in the order is still open. */
export interface Arrival {
  readonly kind: 'effect' | 'sleep' | 'retry' | 'timeout' | 'task';
  /** The key of the attempt that it happens to. */
  readonly at: string;
  /** What distinguishes it from others of the same kind at the same attempt, such as the name of an effect. */
  readonly label: string;
  readonly deliver: () => void;
}

/**
 * Answers the engine's only open question: which of the things that are ready happens next. Its answers are the
 * schedule. An oracle orders deliveries and never decides an outcome. It must deliver each arrival once.
 */
export interface Oracle {
  arrive(arrival: Arrival): void;
}

/** Whatever completes first happens first. */
export const arrivalOrder: Oracle = { arrive: (arrival) => arrival.deliver() };
