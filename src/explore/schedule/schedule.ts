// A schedule: an order of events, as the exceptions from first in, first out (or from the recorded order), where the process
// dies, and what fails.
// It is data, it can be written as one line, and it means the same in every process.
//   fifo hold(2.0#1:call:model~d549d30 until 2.1#1:call:model~cdd5f71) die(after write 4) fault(3.0#1:call:pay slow 5000)
//   L1. `parseSchedule(scheduleText(schedule))` is the schedule.
import { RepriseError } from '../../base/error.ts';
import { faultKinds } from '../fault/fault-kinds.ts';
import type { FaultName } from '../fault/fault-kinds.ts';

/** An event that is not delivered before another one has happened, unless nothing else is ready. */
export interface Hold {
  readonly event: string;
  readonly until: string;
}

/** The process dies, and another one resumes the run. */
export type Death =
  /** At a write of the run's store, counted from 1 over all its processes: either nothing of it is kept, or all. */
  | { readonly kind: 'write'; readonly when: 'before' | 'after'; readonly write: number }
  /** Once the request of this effect has left. */
  | { readonly kind: 'request'; readonly event: string };

/** An effect fails that did not: how, and to what extent. */
export interface Fault {
  readonly kind: FaultName;
  readonly event: string;
  readonly more?: number | string;
}

/**
 * An order of events, deaths and faults under which a run is made again. `parseSchedule` reads one from its text,
 * `scheduleText` writes it.
 */
export interface Schedule {
  /** `recorded`: the order in which the run was recorded. */
  readonly base: 'fifo' | 'recorded';
  readonly holds: readonly Hold[];
  /** One after another: the second is that of the process which resumed the run. */
  readonly deaths: readonly Death[];
  readonly faults: readonly Fault[];
}

/**
 * Writes a schedule as the text that reports print and `only` of `explore` takes. `parseSchedule` reads it back as the
 * same schedule.
 *
 * ```ts
 * import { scheduleText } from 'reprise/explore';
 *
 * const deaths = [{ kind: 'write', when: 'after', write: 4 }] as const;
 * console.log(scheduleText({ base: 'fifo', holds: [], deaths, faults: [] })); // fifo die(after write 4)
 * ```
 */
export function scheduleText({ base, holds, deaths, faults }: Schedule): string {
  const held = holds.map(({ event, until }) => `hold(${event} until ${until})`);
  return [base, ...held, ...deaths.map(deathText), ...faults.map(faultText)].join(' ');
}

export function deathText(death: Death): string {
  return death.kind === 'write' ? `die(${death.when} write ${death.write})` : `die(request ${death.event})`;
}

export function faultText({ event, kind, more }: Fault): string {
  return more === undefined ? `fault(${event} ${kind})` : `fault(${event} ${kind} ${more})`;
}

/** Names that are not plain stand in quotes, and there may be anything between them. */
const eventShape = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s()"])+`;
const partShape = new RegExp(
  String.raw`\s+(?:hold\((${eventShape})\s+until\s+(${eventShape})\)|die\((before|after)\s+write\s+([1-9]\d{0,8})\)|die\(request\s+(${eventShape})\)|fault\((${eventShape})\s+([a-z]+)(?:\s+([a-z0-9]+))?\))`,
  'y',
);
const baseShape = /^(fifo|recorded)(?:\s|$)/;
const textLengthMax = 1_000_000;

/**
 * Reads a schedule from its text, as a report prints it. `recorded` stands for the recorded order, with holds but without
 * deaths and faults.
 *
 * @throws RepriseError `usage` if the text is not a schedule
 */
export function parseSchedule(text: string): Schedule {
  const given = text.trim();
  const base = given.length > textLengthMax ? undefined : baseShape.exec(given)?.[1];
  if (base === undefined) throw malformed(text);
  const holds: Hold[] = [];
  const deaths: Death[] = [];
  const faults: Fault[] = [];
  partShape.lastIndex = base.length;
  let end = partShape.lastIndex;
  for (let found = partShape.exec(given); found !== null; found = partShape.exec(given)) {
    const [, event, until, when, write, request, failing, kind = '', more] = found;
    if (event !== undefined && until !== undefined) holds.push({ event, until });
    else if (request !== undefined) deaths.push({ kind: 'request', event: request });
    else if (failing !== undefined) {
      const fault = readFault(failing, kind, more);
      if (fault === undefined) throw malformed(text);
      faults.push(fault);
    } else deaths.push({ kind: 'write', when: when as 'before' | 'after', write: Number(write) });
    end = partShape.lastIndex;
  }
  const isPlainOrder = deaths.length + faults.length === 0;
  if (end !== given.length || (base === 'recorded' && !isPlainOrder)) throw malformed(text);
  return { base: base as Schedule['base'], holds, deaths, faults };
}

/** Undefined if no such fault can be. */
function readFault(event: string, kind: string, given: string | undefined): Fault | undefined {
  if (!Object.hasOwn(faultKinds, kind)) return undefined;
  const fault = { kind: kind as FaultName, event };
  const { more } = faultKinds[fault.kind];
  if (given === undefined || more === undefined) return given === more ? fault : undefined;
  if (more === 'number') return /^(?:0|[1-9]\d{0,8})$/.test(given) ? { ...fault, more: Number(given) } : undefined;
  return more.includes(given) ? { ...fault, more: given } : undefined;
}

function malformed(text: string): RepriseError {
  return new RepriseError('usage', `not a schedule: ${text.slice(0, 200)}`, {
    nextStep:
      'Paste the schedule as it was printed: fifo hold(<event> until <event>) die(after write <number>) …, or say `recorded`.',
  });
}
