// A task is stopped whose process had died, or let go of it, while an attempt of it was under way.
import type { TaskWorld } from '../../port/world.ts';
import { stopFacts, stoppedBy } from '../attempt/stop/attempt-stop.ts';
import type { RunParts } from '../run/run-parts.ts';

/** If that attempt has something to clean up, and is not among those `entered` since, it is entered for that alone. */
export function stopDropped(
  world: TaskWorld | undefined,
  entered: number,
  reason: Error,
  { stop, clock }: Pick<RunParts, 'stop' | 'clock'>,
): void {
  if (!stop.isLetGo) world?.stopDropped?.(entered, stopFacts(stoppedBy(reason, stop.current), clock.now()));
}
