// The key by which the other side recognizes an effect that is performed again, as far as the journal says it.
import { digestOf } from '../../base/digest.ts';
import { effectIdentity } from '../effect-identity.ts';
import type { Entry } from '../entry.ts';
import { identityIn } from '../step/asked-in.ts';
import type { AskedIn } from '../step/asked-in.ts';
import type { EffectHistory } from '../step/effect-history.ts';
import type { Doubt } from '../step/past/effect-past.ts';
import { OncePlaces } from '../step/once-places.ts';

export interface KeyedRun {
  readonly runId: string;
  readonly semantics: number;
}

interface KeyedEffect {
  readonly history: EffectHistory;
  /** Whether anything may be known of it from before its attempt. */
  readonly mayHavePast: boolean;
  /** By which its attempt draws: under version 1 a key says which attempt it is of. */
  readonly drawKey: string;
}

/**
 * Stays the same until it is known that the effect did not happen, or was taken back: for every attempt that sends it
 * again. Then the next try gets a new one.
 */
export function idempotencyKeyOf({ runId, semantics }: KeyedRun, own: AskedIn, effect: KeyedEffect): string {
  const { history, mayHavePast, drawKey } = effect;
  if (semantics > 1) {
    const first = history.firstTry(own);
    const refused = mayHavePast ? (history.of(first)?.refusedIn.size ?? 0) : 0;
    return keyOf([runId, identityIn(first), refused + history.undoneCount(own)]);
  }
  if (own.oncePlace !== undefined) return keyOf([runId, identityIn(own)]);
  return keyOf([runId, drawKey, effectIdentity(own.ref), own.ref.occurrence]);
}

/** What is in doubt in an open step, each with the key that it was sent with and would be sent with again. */
export function keyedDoubts(
  run: KeyedRun,
  openStep: readonly Entry[],
  history: EffectHistory,
): readonly (Doubt & { readonly idempotencyKey: string })[] {
  const { doubts } = history;
  if (doubts.length === 0) return [];
  const begun = begunIn(openStep, history);
  return doubts.map(({ identity, ...doubt }) => {
    const own = begun.get(identity) ?? doubt;
    return { ...doubt, idempotencyKey: idempotencyKeyOf(run, own, { history, mayHavePast: true, drawKey: doubt.at }) };
  });
}

/** The effects that began, as they were asked for last. */
function begunIn(openStep: readonly Entry[], history: EffectHistory): ReadonlyMap<string, AskedIn> {
  const places = new OncePlaces(history);
  const begun = new Map<string, AskedIn>();
  for (const entry of openStep) {
    if (entry.kind !== 'begin' && entry.kind !== 'effect') continue;
    const { at, observed } = entry;
    const place = entry.once === true ? { oncePlace: places.placeOf(entry) } : {};
    const own = { at, ref: entry, ...place, again: observed.again };
    if (entry.kind === 'begin') begun.set(identityIn(own), own);
  }
  return begun;
}

function keyOf(parts: readonly (string | number)[]): string {
  return digestOf(JSON.stringify(parts)).slice(0, 32);
}
