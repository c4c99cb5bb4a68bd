// A schedule: an order of events, as the exceptions from first in, first out. It is data, it can be written as one line, and
// it means the same in every process.
//   fifo hold(2.0#1:call:model~d549d30 until 2.1#1:call:model~cdd5f71)
//   L1. `parseSchedule(scheduleText(schedule))` is the schedule.
import { RepriseError } from '../base/error.ts';

/** An event that is not delivered before another one has happened, unless nothing else is ready. */
export interface Hold {
  readonly event: string;
  readonly until: string;
}

export interface Schedule {
  readonly base: 'fifo';
  readonly holds: readonly Hold[];
}

export const fifo: Schedule = Object.freeze({ base: 'fifo', holds: Object.freeze([]) });

export function scheduleText({ base, holds }: Schedule): string {
  return [base, ...holds.map(({ event, until }) => `hold(${event} until ${until})`)].join(' ');
}

/** Names that are not plain stand in quotes, and there may be anything between them. */
const eventShape = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s()"])+`;
const holdShape = new RegExp(String.raw`\s+hold\((${eventShape})\s+until\s+(${eventShape})\)`, 'y');
const textLengthMax = 1_000_000;

/** @throws RepriseError `usage` */
export function parseSchedule(text: string): Schedule {
  const given = text.trim();
  if (!/^fifo(?:\s|$)/.test(given) || given.length > textLengthMax) throw malformed(text);
  const holds: Hold[] = [];
  holdShape.lastIndex = fifo.base.length;
  let end = holdShape.lastIndex;
  for (let found = holdShape.exec(given); found !== null; found = holdShape.exec(given)) {
    holds.push({ event: found[1] as string, until: found[2] as string });
    end = holdShape.lastIndex;
  }
  if (end !== given.length) throw malformed(text);
  return { base: 'fifo', holds };
}

function malformed(text: string): RepriseError {
  return new RepriseError('usage', `not a schedule: ${text.slice(0, 200)}`, {
    nextStep: 'Paste the schedule as it was printed: fifo hold(<event> until <event>) …',
  });
}
