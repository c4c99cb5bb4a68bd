// Which event first became ready otherwise in a second run in the same order. Journals may be the same all the same: they do
// not say in which order things were asked for.
import type { UnlikeEvent } from '../../report/explore/explore-facts.ts';
import type { Trace, Traced, TraceItem } from '../order/trace.ts';
import type { NodesOf } from '../run/uncontrolled.ts';

/** Undefined if everything became ready as it did the first time. */
export function unlikeEvent(first: Traced, second: Traced, nodes: NodesOf): UnlikeEvent | undefined {
  const [before, after] = [inOrderOfArrival(first), inOrderOfArrival(second)];
  const place = before.findIndex((item, index) => !isAlike(item, after[index]));
  const index = place < 0 ? before.length : place;
  const [was, is] = [before[index], after[index]];
  const item = was ?? is;
  if (item === undefined) return undefined;
  const { key } = item.event;
  return {
    event: key,
    node: nodes.of(key),
    after: [readyAfter(key, before, first.trace), readyAfter(key, after, second.trace)],
    ...(was === undefined || is === undefined || was.event === is.event
      ? {}
      : { instead: is.event.key, insteadNode: nodes.of(is.event.key) }),
  };
}

function inOrderOfArrival({ trace, givenUp }: Traced): readonly TraceItem[] {
  return [...trace, ...givenUp].sort((left, right) => left.arrived - right.arrived);
}

function isAlike(one: TraceItem, other: TraceItem | undefined): boolean {
  return other !== undefined && one.event === other.event && one.since === other.since;
}

/** What had happened last: nothing yet, or null if the event never became ready. */
function readyAfter(key: string, all: readonly TraceItem[], trace: Trace): string | null {
  const item = all.find(({ event }) => event.key === key);
  if (item === undefined) return null;
  return trace[item.since - 1]?.event.key ?? '';
}
