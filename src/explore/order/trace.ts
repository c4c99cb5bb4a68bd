// What happened in one run, in order.
import type { EventName } from './event-names.ts';

export interface TraceItem {
  readonly event: EventName;
  /** How many things had happened when it became ready. */
  readonly since: number;
  /** Its place in the trace. */
  readonly happened: number;
  /** Its place among all that became ready. */
  readonly arrived: number;
  /** Fires by time: first in, first out has it after everything that is ready without a time. */
  readonly due: Due | undefined;
}

/**
 * When a timer fires. Nobody knows how long an answer takes, so of two times only this is known: what was set earlier, and is
 * not due later, comes first; and so does what is due earlier, if nothing of unknown length happened between the two
 * settings.
 */
export interface Due {
  /** Milliseconds of virtual time. */
  readonly at: number;
  /** How many things of unknown length had happened when it was set. */
  readonly era: number;
}

export type Trace = readonly TraceItem[];

/** What a run came to, as far as orders go. */
export interface Traced {
  readonly trace: Trace;
  /** What was ready and was given up: its place is the one that it would have had. */
  readonly givenUp: readonly TraceItem[];
}

/** Whether a timer certainly fires before another one. */
export function isSurelyBefore(
  first: { readonly due: Due; readonly arrived: number },
  second: { readonly due: Due; readonly arrived: number },
): boolean {
  if (first.due.era === second.due.era && first.due.at < second.due.at) return true;
  return first.arrived < second.arrived && first.due.at <= second.due.at;
}

/** First in, first out: time passes only when nothing else can happen. */
export function isBeforeInFifo(
  left: Pick<TraceItem, 'arrived' | 'due'>,
  right: Pick<TraceItem, 'arrived' | 'due'>,
): boolean {
  if (left.due === undefined || right.due === undefined)
    return left.due === right.due ? left.arrived < right.arrived : left.due === undefined;
  return left.due.at === right.due.at ? left.arrived < right.arrived : left.due.at < right.due.at;
}
