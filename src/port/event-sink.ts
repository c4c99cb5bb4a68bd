import type { AttemptKey } from '../journal/key.ts';

/** Something that a node emitted, and where: the run, the attempt and the stream. */
export interface RunEvent {
  readonly runId: string;
  readonly key: AttemptKey;
  readonly node: string;
  readonly name: string;
  readonly stream: string;
  readonly ordinal: number;
  readonly data: unknown;
}

/**
 * Receives what nodes emit, while they run. Give it to an engine as one of its `events`, or take a ready one such as
 * `bufferedEmitter()`.
 */
export interface EventSink {
  /** An error thrown here never reaches the run. */
  readonly deliver: (event: RunEvent) => void;
  /**
   * `arrival`: as events happen. `canonical`: at the commit, the same in every schedule, without events of void
   * attempts.
   */
  readonly order?: 'arrival' | 'canonical';
}
