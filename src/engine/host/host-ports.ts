import type { GraphSpec } from '../../graph/spec.ts';
import type { RunEntry } from '../../journal/entry.ts';
import type { EngineClock } from '../../port/clock.ts';
import type { EffectSource, RecordingEngine } from '../../port/effect-source.ts';
import type { Entropy } from '../../port/entropy.ts';
import type { EventLoop } from '../../port/event-loop.ts';
import type { EventSink } from '../../port/event-sink.ts';
import type { Oracle } from '../../port/oracle.ts';
import type { Rejections } from '../../port/rejections.ts';
import type { RunStore } from '../../port/store.ts';
import type { Errands } from '../run/errands.ts';
import type { SourcePaths } from '../../port/source-paths.ts';
import type { ReadSurroundings } from '../../port/surroundings.ts';
import type { World } from '../../port/world.ts';
import type { EngineSettings } from '../options/engine-options.ts';

/** What an engine needs from everything around it. */
export interface HostPorts {
  readonly clock: EngineClock;
  readonly entropy: Entropy;
  readonly paths: SourcePaths;
  readonly loop: EventLoop;
  readonly oracle: Oracle;
  readonly world: World;
  readonly store: RunStore;
  readonly rejections: Rejections;
  /** Absent where runs are not recorded. */
  readonly surroundings?: ReadSurroundings;
  readonly sources: readonly EffectSource[];
  /** A replay: what its runs take over from the recorded one, in place of what begins now. */
  readonly recorded?: Pick<RunEntry, 'semantics' | 'rules'> & {
    /** Fields that the run got only by a migration. */
    readonly later?: readonly string[];
  };
  readonly sinks: readonly EventSink[];
  /** Hands attempts out to workers. Absent where this process makes them all. */
  readonly errands?: Errands | undefined;
  /** How long to wait before looking again whether another process has finished a run, in milliseconds. */
  readonly attachPollMs: number;
}

/** What all runs of one engine share. */
export interface RunContext {
  /** What its effect sources know it by. */
  readonly engine: RecordingEngine;
  readonly graph: GraphSpec;
  readonly ports: HostPorts;
  readonly settings: EngineSettings;
  /** The journal of a run has grown. */
  readonly onGrown: (runId: string) => void;
  /** A run waits for messages from outside. */
  readonly onAwaited: () => void;
}
