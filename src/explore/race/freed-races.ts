// The races of a run in which something fails. That an answer came first was decided by the world; where that answer is
// another one, nobody has decided, and whichever branch succeeds first wins.
//   R1. A race is free where a fault has changed something that its winner was answered with.
//   R2. In a free race a loser may do more than it did. What it asks for then, and is not recorded, does not come; nor does it
//       matter if the winner wins all the same, and is not late.
//   R3. In any other race the losers do what they did.
import { parseAddress } from '../../journal/address.ts';
import type { PlacedEffect } from '../../journal/address.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { EffectEntry, EffectOutcome } from '../../journal/entry.ts';
import { branchPath, isWithin, LostBranches, racesIn } from '../../journal/step/race.ts';
import { faultKinds } from '../fault/fault-kinds.ts';
import type { Fault } from '../schedule/schedule.ts';

export class FreedRaces {
  readonly #free: readonly EffectEntry[];
  readonly #kept: readonly EffectEntry[];
  readonly #isLate: boolean;

  /** `races`: those of the run in which nothing fails. */
  constructor(races: readonly EffectEntry[], faults: readonly Fault[]) {
    const isFree = (race: EffectEntry): boolean => faults.some((fault) => isOfWinner(race, fault));
    this.#free = races.filter(isFree);
    this.#kept = races.filter((race) => !isFree(race));
    this.#isLate = faults.some(({ kind }) => faultKinds[kind].lateMs !== undefined);
  }

  get areAny(): boolean {
    return this.#free.length > 0;
  }

  has(at: string, place: string | undefined): boolean {
    return this.#free.some((race) => race.at === at && race.task === place);
  }

  /** Whether a path belongs to a branch that would have lost. */
  hasLoser(at: string, path: string | undefined): boolean {
    return isOfLoser(this.#free, at, path);
  }

  /** Of what losers asked for in vain, what would matter. `steps`: of the run in which they did. */
  unknownOf(asked: readonly PlacedEffect[], steps: readonly CanonicalStep[]): readonly PlacedEffect[] {
    if (asked.length === 0 || this.#isLate) return asked;
    const decided = steps.flatMap(({ entries }) => racesIn(entries));
    const isWonBy = (race: EffectEntry): boolean =>
      decided.some(
        ({ at, task, outcome }) => at === race.at && task === race.task && sameOutcome(outcome, race.outcome),
      );
    const open = this.#free.filter((race) => !isWonBy(race));
    return asked.filter(({ at, task }) => isOfLoser(open, at, task));
  }

  /** The same of the races that came out as they did. */
  keepsLoser(at: string, path: string | undefined): boolean {
    return isOfLoser(this.#kept, at, path);
  }
}

function isOfLoser(races: readonly EffectEntry[], at: string, path: string | undefined): boolean {
  if (races.length === 0 || path === undefined) return false;
  return new LostBranches(races.filter((race) => race.at === at)).has(path);
}

function sameOutcome(one: EffectOutcome, other: EffectOutcome): boolean {
  return one.kind === 'value' && other.kind === 'value' && one.value === other.value;
}

function isOfWinner({ at, task, outcome }: EffectEntry, { event }: Fault): boolean {
  const address = parseAddress(event);
  if (task === undefined || outcome.kind !== 'value' || address?.at !== at) return false;
  return isWithin(address.task, branchPath(task, String(outcome.value)));
}
