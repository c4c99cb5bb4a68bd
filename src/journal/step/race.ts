// Races inside an attempt. A race stands at a place of its own, which is its path, and each branch below it. Its effect
// says who took part, and its outcome who won.
//   What a branch did that lost is known as far as it came before the race was decided. What it does not say anything of
//   never came, and no other run has to do it.
import { isLeftOpen } from './exchange-finder.ts';
import type { EffectEntry, EffectRef, Entry } from '../entry.ts';
import type { AttemptKey } from '../key.ts';
import { numberedPlace } from '../task-path.ts';

type RaceEffect = Pick<EffectEntry, 'type' | 'request' | 'task' | 'outcome'>;

/** The path of a branch. `place`: that of its race. */
export function branchPath(place: string, branch: string): string {
  return numberedPlace(place, branch, 0);
}

/** Whether a path is this one or lies below it. */
export function isWithin(path: string | undefined, ancestor: string): boolean {
  return path === ancestor || path?.startsWith(`${ancestor}/`) === true;
}

/** The branches that lost a race. If nobody won it, none of them was told to stop. */
function losersOf({ type, request, task, outcome }: RaceEffect): readonly string[] {
  if (type !== 'race' || task === undefined || outcome.kind !== 'value' || !Array.isArray(request)) return [];
  return request
    .filter((branch) => typeof branch === 'string' && branch !== outcome.value)
    .map((branch) => branchPath(task, branch as string));
}

/** The branches that lost the races of one attempt. */
export class LostBranches {
  readonly #paths: readonly string[];

  constructor(effects: readonly EffectEntry[]) {
    this.#paths = effects.flatMap(losersOf);
  }

  /** Whether what stands at this path belongs to one of them. */
  has(path: string | undefined): boolean {
    return path !== undefined && this.#paths.some((lost) => isWithin(path, lost));
  }
}

export const noneLost = new LostBranches([]);

/** How many effects the losers of a race had got by the time it was decided. `effects`: those of its attempt. */
export function gotByLosers(race: EffectEntry, effects: readonly EffectEntry[]): number {
  const losers = losersOf(race);
  const isTheirs = ({ task }: EffectRef): boolean => losers.some((lost) => isWithin(task, lost));
  return losers.length === 0 ? 0 : effects.filter((effect) => isTheirs(effect) && !isLeftOpen(effect)).length;
}

/** Whether what an attempt did at a path belongs to a branch that lost this race. */
export function isOfLoser(
  race: RaceEffect & Pick<EffectEntry, 'at'>,
  at: AttemptKey,
  path: string | undefined,
): boolean {
  return race.at === at && path !== undefined && losersOf(race).some((lost) => isWithin(path, lost));
}

/** The races of several attempts. */
export function racesIn(entries: readonly Entry[]): readonly EffectEntry[] {
  return entries.filter((entry): entry is EffectEntry => entry.kind === 'effect' && entry.type === 'race');
}

/** Entries of one step without those that say how far a branch had come that lost. */
export function withoutLosers(entries: readonly Entry[]): readonly Entry[] {
  const races = racesIn(entries);
  if (races.length === 0) return entries;
  return entries.filter((entry) => {
    if (entry.kind !== 'effect' && entry.kind !== 'task') return true;
    const path = entry.kind === 'effect' ? entry.task : entry.path;
    return !races.some((race) => isOfLoser(race, entry.at, path));
  });
}
