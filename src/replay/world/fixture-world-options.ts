import type { Value } from '../../base/value.ts';
import type { AttemptResult, EffectRef } from '../../journal/entry.ts';
import type { ScopeKey } from '../../journal/key.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type { RecordedReads, World } from '../../port/world.ts';
import type { BodyCut } from '../recorded/cut-bodies.ts';
import type { GraphPair } from '../recorded/graph-pair.ts';
import type { RecordedTasks } from '../recorded/recorded-tasks.ts';

/**
 * What a replay takes from the recording. `effects`: the answers to effects, while the code of the nodes runs.
 * `outputs`: the results of the nodes, so that no node runs and only reducers, edges and routing are checked, which is
 * faster.
 */
export type ReplayMode = 'effects' | 'outputs';

/**
 * The code of today is right: the run continues where the recording ends, and draws what a run with its keys would draw.
 * Time passes as it is needed, since a replay waits for none of it. Everything else that was not recorded is refused, unless
 * the outside may be asked.
 */
export interface Adopting {
  readonly asksOutside: boolean;
  /** Those of the recording, wherever in it they stand. */
  readonly tasks: RecordedTasks;
}

export interface FixtureWorldOptions extends Pick<World, 'seal'> {
  readonly mode: ReplayMode;
  readonly cut: BodyCut;
  /** Continue from the recorded value after each divergence. */
  readonly lenient: boolean;
  /** As the fixture was redacted. */
  readonly redact: (value: Value) => Value;
  /** A result as it is compared with the recorded one. */
  readonly settled?: (recorded: AttemptResult, replayed: AttemptResult) => AttemptResult;
  /** The state of the run as it is compared, and as the fixture was redacted. */
  readonly shownState?: (recorded: Value, replayed: Value) => Value;
  /** Whether a request is a recorded one but for what was redacted in that. Absent where only credentials were. */
  readonly isAlike?: (recorded: EffectRef, asked: EffectRef) => boolean;
  /** What a node made, as it is compared: what was recorded itself if only what lies under its redaction marks may differ. */
  readonly compared: (recorded: AttemptResult, replayed: AttemptResult, node: string) => AttemptResult;
  /** Today's code gets something that was recorded. */
  readonly gave: (recorded: Value) => void;
  /** A mark that the code was given and asks the outside with. */
  readonly heldMark?: (request: Value) => string | undefined;
  readonly quiet: Quiet;
  /** What is told of readings, and whether clocks stand still. */
  readonly readings?: Pick<RecordedReads, 'given' | 'isStill' | 'drawsOnce'>;
  /** The fixture becomes what this replay is. */
  readonly adopts?: Adopting;
  /**
   * The clock of an oracle that controls the order. The recorded order is not followed then: effects take the way of
   * those that are performed, and what has a time is a timer of this clock.
   */
  readonly controlled?: Clock;
}

/** A scope of the replay: the recorded one that it is answered from, and the graphs of both. */
export interface ScopePair {
  readonly partner: ScopeKey;
  readonly graphs: GraphPair | undefined;
  /** The recorded step that holds it. Absent for the run itself, which has all of them. */
  readonly step?: StepIndex | undefined;
}
