// The order in which a run was recorded, as far as its journal numbers what happened.
//   R1. Of what is ready, the lowest number comes first. One that does not come is not waited for: all is quiet.
//   R2. What has no number and needs no time was alone when it was recorded, and comes at once. A timer that has none did
//       not fire in the recording, and comes last. So does what an attempt had left open when it ended.
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Entry } from '../../journal/entry.ts';
import { isLeftOpen } from '../../journal/step/exchange-finder.ts';
import { firingName } from '../../journal/run/recorded-places.ts';
import { arrivalKey } from '../order/arrival-key.ts';
import { rankedStrategy } from './ranked.ts';
import type { Strategy } from './strategy.ts';

/** By the key of an event, the place that it had in its step. */
export type EventPlaces = ReadonlyMap<string, number>;

export function recordedStrategy(places: EventPlaces): Strategy {
  return rankedStrategy(
    'recorded',
    ({ event, due }) =>
      places.get(event.key) ?? places.get(unnumbered(event.key)) ?? (due === undefined ? -1 : Number.POSITIVE_INFINITY),
  );
}

/** The key that stands for all parts of a body that have no place of their own. */
function unnumbered(key: string): string {
  return key.replace(/\/part:\d+$/, '/part');
}

/** Empty if the recording holds no numbers. */
export function placesOfEvents(steps: readonly CanonicalStep[]): EventPlaces {
  const places = new Map<string, number>();
  for (const { entries, beside } of steps)
    for (const entry of [...entries, ...beside]) for (const [key, place] of placesIn(entry)) places.set(key, place);
  if (places.size === 0) return places;
  for (const { entries } of steps)
    for (const entry of entries) {
      if (entry.kind !== 'effect' || !isLeftOpen(entry)) continue;
      const key = arrivalKey({ kind: 'effect', at: entry.at, effect: entry });
      if (!places.has(key)) places.set(key, Number.POSITIVE_INFINITY);
      places.set(`${key}/part`, Number.POSITIVE_INFINITY);
    }
  return places;
}

function* placesIn(entry: Entry): Generator<readonly [string, number]> {
  if (entry.kind === 'outcome') {
    const { at, result, observed } = entry;
    if (observed.order === undefined) return;
    yield [arrivalKey({ kind: 'start', at }), observed.order.started];
    if (result.status === 'timeout') yield [arrivalKey({ kind: 'timeout', at }), observed.order.ended];
  } else if (entry.kind === 'effect') {
    const { at, observed } = entry;
    if (observed.order === undefined) return;
    yield [arrivalKey({ kind: 'effect', at, effect: entry }), observed.order.given];
    let part = 0;
    for (const [first, count] of observed.order.parts ?? [])
      for (let index = 0; index < count; index += 1, part += 1)
        yield [arrivalKey({ kind: 'part', at, effect: entry, place: part }), first + index];
  } else if (entry.kind === 'ambient') {
    const { at, observed } = entry;
    for (const firing of observed.firings ?? [])
      yield [arrivalKey({ kind: 'timer', at, place: firingName(firing) }), firing.order];
  }
}
