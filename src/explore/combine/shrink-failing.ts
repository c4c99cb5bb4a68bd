// From a schedule in which several things go wrong to the fewest of them, and of holds, that still show the same.
//   S1. What is returned was run, and showed it.
import type { Failing } from '../run/exploration.ts';
import type { Death, Fault, Hold } from '../schedule/schedule.ts';
import { fewestOf } from '../../base/fewest.ts';
import { named, withShortest } from '../schedule/shrink.ts';
import type { Traced } from '../order/trace.ts';

/** Runs a schedule. */
export type TryFailing = (failing: Required<Failing>) => Promise<{ readonly isChanged: boolean; readonly run: Traced }>;

export interface ShrunkFailing {
  readonly failing: Required<Failing>;
  /** How many holds, deaths and faults there were. */
  readonly from: number;
}

type Cause =
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'death'; readonly death: Death }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** Undefined if it does not show it a second time. */
export async function shrinkFailing(given: Required<Failing>, attempt: TryFailing): Promise<ShrunkFailing | undefined> {
  const all = causesOf(given);
  const isChanged = async (causes: readonly Cause[]): Promise<boolean> => (await attempt(failingOf(causes))).isChanged;
  if (!(await isChanged(all))) return undefined;
  const failures = all.filter(({ kind }) => kind !== 'hold');
  const hasNoOrder = failures.length < all.length && (await isChanged(failures));
  const fewest = failingOf(await fewestOf(hasNoOrder ? failures : all, isChanged));
  if (fewest.holds.length === 0) return { failing: fewest, from: all.length };
  const ofHolds = (holds: readonly Hold[]): ReturnType<TryFailing> => attempt({ ...fewest, holds });
  const holds = await named(await withShortest(fewest.holds, ofHolds), ofHolds);
  return { failing: { ...fewest, holds }, from: all.length };
}

/** Failures first: there are few of them, and many holds. */
function causesOf({ holds, deaths, faults }: Required<Failing>): readonly Cause[] {
  return [
    ...faults.map((fault) => ({ kind: 'fault', fault }) as const),
    ...deaths.map((death) => ({ kind: 'death', death }) as const),
    ...holds.map((hold) => ({ kind: 'hold', hold }) as const),
  ];
}

function failingOf(causes: readonly Cause[]): Required<Failing> {
  return {
    holds: causes.flatMap((cause) => (cause.kind === 'hold' ? [cause.hold] : [])),
    deaths: causes.flatMap((cause) => (cause.kind === 'death' ? [cause.death] : [])),
    faults: causes.flatMap((cause) => (cause.kind === 'fault' ? [cause.fault] : [])),
  };
}
