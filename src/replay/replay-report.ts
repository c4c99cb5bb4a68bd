import type { Divergence } from '../diff/divergence.ts';
import type { ComparedCounts } from '../diff/run-comparer.ts';
import type { BodyCut } from './cut-bodies.ts';
import type { ReplayMode } from './fixture-world.ts';
import type { OutsideCall } from '../live/outside-guard.ts';

/** What a replay found, as data. */
export interface ReplayReport {
  readonly version: 1;
  readonly fixture: string;
  readonly graph: string;
  readonly runId: string;
  readonly mode: ReplayMode;
  readonly strictness: 'strict' | 'lenient';
  readonly cut: BodyCut;
  readonly verdict: 'same' | 'diverged';
  /** In canonical order; the first one is where the runs part. */
  readonly divergences: readonly Divergence[];
  readonly compared: ComparedCounts;
  /** Values that are redacted in the fixture: they were not compared. */
  readonly redacted: number;
  /** A strict replay stops after the first step that diverges: this one. */
  readonly stoppedAfter?: number;
  /** Calls that reached the network: none ever does. */
  readonly networkCalls: 0;
  /** What nodes tried to reach beside HTTP; each is a divergence too. */
  readonly refused: readonly OutsideCall[];
  /** Requests that belonged to no task, refused and not compared. */
  readonly refusedOutside: readonly string[];
}
