import type { AttemptKey } from '../journal/key.ts';

export interface RunEvent {
  readonly runId: string;
  readonly key: AttemptKey;
  readonly node: string;
  readonly name: string;
  readonly stream: string;
  readonly ordinal: number;
  readonly data: unknown;
}

export interface EventSink {
  /** An error that it throws never reaches the run. */
  readonly deliver: (event: RunEvent) => void;
  /** `arrival`: as they come. `canonical`: at the commit, the same in every schedule, without those of void attempts. */
  readonly order?: 'arrival' | 'canonical';
}
