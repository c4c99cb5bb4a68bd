// What may have made two runs differ besides everything that was compared. A comparison does not see these, so no
// verdict blames the code alone.
import type { Surroundings } from '../../journal/run-facts.ts';

export interface PossibleCauses {
  /** Of a replay, the rest was `not recorded`; of two recorded runs, `not compared`. */
  readonly rest: 'not recorded' | 'not compared';
  /** What is known to be different: `the time zone (Asia/Kathmandu, recorded UTC)`. */
  readonly different: readonly string[];
  /** What may have been different. */
  readonly unknown: readonly string[];
}

/** Nothing says what these were. */
const outside: readonly string[] = ['an environment variable', "a module's cache", 'a file or database'];
/** Kept by runs that also keep their surroundings. */
const read: readonly string[] = ['the clock', 'a random number', 'the order of answers'];

export interface ReplayPlace {
  /** Undefined if the recording does not say. */
  readonly recorded: Surroundings | undefined;
  readonly now: Surroundings;
  /** What the recording says about itself: messages about what it does not hold. */
  readonly notes: readonly string[];
  /** The recording holds marks in place of secrets. */
  readonly isRedacted: boolean;
  /** The recording holds other values in place of those that `crypto` gave. What was computed from them is not found. */
  readonly hasOtherRandomValues?: boolean;
  /** The code read clocks or random values that are not recorded. `unlikely`: what differs looks like none of them. */
  readonly madeUp?: 'likely' | 'unlikely' | undefined;
}

const reading = 'a read of a clock or of a random value, which the replay made up';

export function causesOfReplay(place: ReplayPlace): PossibleCauses {
  const { recorded, now, notes, isRedacted, hasOtherRandomValues = false, madeUp } = place;
  return {
    rest: 'not recorded',
    different: differentSurroundings(recorded, now),
    unknown: [
      ...notes,
      ...(madeUp === 'likely' ? [reading] : []),
      ...(isRedacted ? ['a redacted value'] : []),
      ...(hasOtherRandomValues ? ['a random value of `crypto`, which a fixture replaces'] : []),
      ...(recorded === undefined ? [...read, 'Node or the time zone'] : []),
      ...outside,
      ...(madeUp === 'unlikely' ? [reading] : []),
    ],
  };
}

/** Two recorded runs: each had its own seed, clock and order. */
export function causesOfRuns(
  recorded: { readonly seed: string; readonly observed: { readonly surroundings?: Surroundings } },
  replayed: typeof recorded,
): PossibleCauses {
  const [before, now] = [recorded.observed.surroundings, replayed.observed.surroundings];
  return {
    rest: 'not compared',
    different: [
      ...differentSurroundings(before, now),
      ...(recorded.seed === replayed.seed ? [] : ['the seed of their draws']),
    ],
    unknown: [...read, ...outside],
  };
}

const names: readonly (readonly [keyof Surroundings, string])[] = [
  ['node', 'Node'],
  ['platform', 'the platform'],
  ['timeZone', 'the time zone'],
  ['locale', 'the locale'],
];

function differentSurroundings(recorded: Surroundings | undefined, now: Surroundings | undefined): readonly string[] {
  if (recorded === undefined || now === undefined) return [];
  return names
    .filter(([name]) => recorded[name] !== now[name])
    .map(([name, words]) => `${words} (${now[name]}, recorded ${recorded[name]})`);
}
