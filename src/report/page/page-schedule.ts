// The order that an exploration has found, as lanes.
import { eventText } from '../text/event-text.ts';
import type { Finding } from '../explore/explore-facts.ts';
import { conditionTexts } from '../explore/finding-text.ts';
import type { PageEvent, PageLane, PageRun, PageSchedule } from './page-model.ts';

/** `run`: that of the page, whose tasks name the nodes. */
export function pageSchedule(finding: Finding, { tasks }: PageRun): PageSchedule {
  const nodes = new Map(tasks.map(({ key, node }) => [key, node]));
  const nodeOf = (at: string): string => nodes.get(at.replace(/#[^#]*$/, '')) ?? '';
  const { schedule, holds, order = [], variables = [] } = finding;
  const held = new Set(holds.map(({ event }) => event));
  const awaited = new Set(holds.map(({ until }) => until));
  const lanes: PageLane[] = [];
  const laneOf = (at: string): number => {
    const known = lanes.findIndex((lane) => lane.at === at);
    return known >= 0 ? known : lanes.push({ at, node: nodeOf(at) }) - 1;
  };
  const events = order.map(({ event, readyAfter }): PageEvent => {
    const at = attemptOf(event);
    const role = held.has(event) ? 'held' : awaited.has(event) ? 'awaited' : 'other';
    return { lane: laneOf(at), text: eventText(event, nodeOf(at)), readyAfter, role };
  });
  return {
    text: schedule,
    conditions: conditionTexts(finding),
    lanes,
    events,
    variables: variables.map(({ name, file, scope, writers }) => ({
      name,
      place: [file, scope === 'Module' ? '' : scope].filter(Boolean).join(', '),
      writers,
    })),
  };
}

function attemptOf(event: string): string {
  return event.split(':', 1)[0] as string;
}
