import type { LeftOutCounts } from '../../diff/value/left-out.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { PossibleCauses } from '../../diff/cause/possible-causes.ts';
import type { RootCause } from '../../diff/cause/root-cause.ts';
import type { ComparedCounts } from '../../diff/compare/run-comparer.ts';
import type { BodyCut } from '../recorded/cut-bodies.ts';
import type { UnfollowedRule } from '../../journal/http/request-rules.ts';
import type { ReplayMode } from '../world/fixture-world-options.ts';
import type { Looks } from '../../report/divergence/looks.ts';
import type { OutsideCall } from '../../port/seal.ts';
import type { AnsweredOutside, Traffic } from './replay-seal.ts';

/** The result of a replay, as data. */
export interface ReplayReport {
  readonly version: 1;
  readonly fixture: string;
  /** Somebody has changed the fixture by hand, and sealed it. */
  readonly isEdited?: true;
  readonly graph: string;
  readonly runId: string;
  readonly mode: ReplayMode;
  readonly strictness: 'strict' | 'lenient';
  readonly cut: BodyCut;
  /** `not deterministic`: replays of the same code came out differently. */
  readonly verdict: 'same' | 'diverged' | 'not deterministic';
  /** Present if it was replayed more than once: a divergence always is. */
  readonly looks?: Looks;
  /**
   * Changes of the graph, then where the runs diverge, in canonical order. If the verdict is `same`, there are only changes
   * of the graph, and they made no difference.
   */
  readonly divergences: readonly Divergence[];
  /** The divergences that follow from no other, each with its class and what it leads to. */
  readonly roots: readonly RootCause[];
  readonly compared: ComparedCounts;
  /** What else may be behind a divergence; absent if the run is the same. */
  readonly causes?: PossibleCauses;
  /**
   * In the first step that diverged, or in one before it, more than one thing may have been waited for at once, so that
   * another order may be all that is behind it: `explain` of `reprise/explore` looks for one that comes out as recorded.
   * Absent where it cannot be.
   */
  readonly mayBeRace?: true;
  /** How many exchanges were answered with one that the recording has under another attempt. */
  readonly moved: number;
  /**
   * How many values were not compared, since the fixture holds marks in their place: those at redacted paths, and those that
   * the code has of itself, where it had some when it was recorded.
   */
  readonly redacted: number;
  /** What differed and was not compared, as `compare` says; absent if there is nothing. */
  readonly leftOut?: LeftOutCounts;
  /** Options that differ from the rules of the fixture, which were used instead. */
  readonly unfollowed?: readonly UnfollowedRule[];
  /** The first step that diverged: a strict replay stops after it. */
  readonly stoppedAfter?: number;
  /** How many things happened before something that came before them when the run was recorded. */
  readonly outOfOrder: number;
  /** The first of them: `the answer to 2.0#1:http:http`. */
  readonly firstOutOfOrder?: string;
  /** Work of nodes that took too long to wait for, so that nobody knows what comes after it. */
  readonly uncontrolled: readonly string[];
  /**
   * The runtime, such as "Bun 1.4.5", if it is not Node: what does not use `fetch` or `node:http` may leave it unseen.
   * Absent on Node, where all doors are guarded.
   */
  readonly partlySealedOn?: string;
  /** What nodes of the replay sent although it was refused. Counted where it is sent. */
  readonly networkCalls: number;
  /** How often nodes read a clock or a random value at a place where the recording holds none. Not a divergence. */
  readonly unrecordedReads: number;
  /** The first of them. */
  readonly unrecordedRead?: string;
  /**
   * Requests that began after the attempt had ended in whose context they did, as those of queues that tasks share: they are not
   * compared. Absent if there were none.
   */
  readonly late?: number;
  /** What was tried, and refused. Each that names a node is a divergence too. */
  readonly refused: readonly OutsideCall[];
  /**
   * What left this process during the replay without belonging to a node, by host. A client with a queue of its own sends
   * like this, for nodes too, so as long as there is any, it is not known that nothing left for the replay.
   */
  readonly unattributed: readonly Traffic[];
  /** Requests of nodes that are no part of the run (`outside`). They were answered with placeholders, without network. */
  readonly outside: readonly AnsweredOutside[];
}
