// What a process has handed out, and has not seen come back.
import type { Watch } from '../../../port/store.ts';
import type { WantedErrand } from '../../run/errands.ts';

export interface Out {
  readonly wanted: WantedErrand;
  readonly id: string;
  readonly since: number;
  /** It is in the store now, or never will be. */
  readonly isCreated: () => void;
  isOver: boolean;
  /** The store has it. */
  isHandedOut: boolean;
  /** An older version of the graph has handed it out, and no worker of today takes it. */
  isOld: boolean;
}

export interface RunErrands {
  readonly open: Map<string, Out>;
  /** All that were handed out in the step that is open. */
  readonly ids: Set<string>;
  readonly watch: Watch | undefined;
  isNoted: boolean;
  /** When it was last seen to that all of them are there. */
  seenToAt: number;
}
