// The part of a run in which a schedule differs from first in, first out: where events were held.
import type { OrderedEvent } from '../../report/explore/explore-facts.ts';
import type { Hold } from '../schedule/schedule.ts';
import type { Traced } from '../order/trace.ts';

const eventsMax = 60;

export function heldOrder({ trace, givenUp }: Traced, holds: readonly Hold[]): readonly OrderedEvent[] {
  const held = new Set(holds.map(({ event }) => event));
  const windows = [...trace, ...givenUp].filter(({ event }) => held.has(event.key));
  const listed = trace
    .filter(({ happened }) => windows.some((window) => window.since <= happened && happened <= window.happened))
    .slice(0, eventsMax);
  return listed.map(({ event, since }) => ({
    event: event.key,
    readyAfter: listed.filter(({ happened }) => happened < since).length,
  }));
}
