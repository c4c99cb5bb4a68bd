// The places of effects marked `once` among those of their name.
import { effectIdentity } from '../effect-identity.ts';
import type { BeginEntry, EffectEntry, EffectRef } from '../entry.ts';
import type { AttemptKey } from '../key.ts';

/** What earlier attempts got. */
interface KeptEffects {
  kept(asked: { readonly at: AttemptKey; readonly ref: EffectRef; readonly oncePlace: number }): unknown;
}

/**
 * The places of journaled effects marked `once` among those of their name. One that an earlier attempt completed takes a
 * place as well, and is not journaled again.
 */
export class OncePlaces {
  readonly #history: KeptEffects;
  readonly #counts = new Map<string, number>();
  readonly #known = new Map<string, number>();

  constructor(history: KeptEffects) {
    this.#history = history;
  }

  placeOf(entry: BeginEntry | EffectEntry): number {
    const { at, observed } = entry;
    return observed.place ?? this.#derived(at, entry);
  }

  /** The first, or that of a journal which does not say. */
  #derived(at: AttemptKey, ref: EffectRef): number {
    const own = `${at} ${effectIdentity(ref)} ${ref.occurrence}`;
    let place = this.#known.get(own);
    if (place !== undefined) return place;
    do place = takePlace(this.#counts, at, ref);
    while (this.#history.kept({ at, ref, oncePlace: place }) !== undefined);
    this.#known.set(own, place);
    return place;
  }
}

/** The next place of an effect marked `once` among those of its name. `counts`: how many there were in the attempt. */
export function takePlace(counts: Map<string, number>, at: AttemptKey, ref: Omit<EffectRef, 'occurrence'>): number {
  const like = JSON.stringify([at, ref.name, ref.label ?? null, ref.task ?? null]);
  const place = counts.get(like) ?? 0;
  counts.set(like, place + 1);
  return place;
}
