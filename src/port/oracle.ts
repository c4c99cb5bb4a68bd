/** Something that is ready to happen in a run: from here on only its place in the order is open. */
export interface Arrival {
  readonly kind: 'effect' | 'sleep' | 'retry' | 'timeout' | 'task';
  /** The key of the attempt that it happens to. */
  readonly at: string;
  /** What tells it from others of the same kind at the same place: an effect's name, for one. */
  readonly label: string;
  readonly deliver: () => void;
}

/**
 * Answers the engine's only free question: which of the things that are ready happens next. Its answers are the
 * schedule. An oracle orders deliveries and never decides an outcome; it must deliver each arrival once.
 */
export interface Oracle {
  arrive(arrival: Arrival): void;
}

/** Whatever really completes first happens first. */
export const arrivalOrder: Oracle = { arrive: (arrival) => arrival.deliver() };
