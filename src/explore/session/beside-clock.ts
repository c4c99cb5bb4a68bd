// An order that changes the result by what code makes of a clock is often not the only one: a variable that carries another
// stands beside it, and is the worse fault. It is looked for while all clocks stand still.
import { climb } from '../ladder.ts';
import type { ClimbSetup } from '../ladder.ts';
import type { Change, Exploration } from '../run/exploration.ts';
import type { ScheduledRun } from '../run/run-once.ts';
import type { Hold } from '../schedule/schedule.ts';
import { shrink } from '../schedule/shrink.ts';
import { heldStrategy } from '../strategy/held.ts';
import type { RungName } from '../../report/explore/explore-facts.ts';

export interface BesideClock {
  readonly rung: RungName;
  readonly holds: readonly Hold[];
  readonly run: ScheduledRun;
  readonly change: Change;
}

/** Undefined if there is none, or if it changes nothing while the clocks go. */
export async function besideClock(exploration: Exploration, setup: ClimbSetup): Promise<BesideClock | undefined> {
  const found = await exploration.whileStill(async (still) => {
    const { found: first } = await climb(still, { ...setup, from: 0 });
    if (first === undefined) return undefined;
    const shrunk = await shrink(first.tried.run, async (holds) => {
      const { run, change } = await still.try(heldStrategy(holds));
      return { isChanged: change !== undefined, run };
    });
    return shrunk === undefined ? undefined : { rung: first.rung, holds: shrunk.holds };
  });
  if (found === undefined) return undefined;
  const { run, change } = await exploration.try(heldStrategy(found.holds));
  return change === undefined ? undefined : { ...found, run, change };
}
