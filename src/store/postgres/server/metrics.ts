// What a store says of itself to those who operate it.
import { firstUserName } from '../../../journal/errand.ts';
import { aroundRuns } from '../../../port/attempt.ts';
import { elapsedMs } from '../../store-time.ts';
import { dueText } from '../operation/due-text.ts';
import type { Server, Statement } from './server.ts';
import { timeOf, timeText } from './store-clock.ts';
import type { StoreClock } from './store-clock.ts';

/** What is told as it happens. */
export type StoreEventName =
  /** How long an append of a run took, in milliseconds, from when it was asked for until it was durable. */
  | 'append-ms'
  /** How many runs were written with one statement. */
  | 'append-runs'
  /** 1: a statement is sent again, since its answer was lost and nobody knows whether it was done. */
  | 'in-doubt'
  /** 1: something was refused, since the run is another owner's by now. */
  | 'lease-lost'
  /** 1: a run was taken from an owner that had not released it. */
  | 'takeover';

/** What is asked for. */
export type StoreGaugeName =
  /** How many runs are due and driven by nobody. */
  | 'due-runs'
  /** For how long the oldest of them has been due, in milliseconds. */
  | 'oldest-due-ms'
  /** Which part of the server's queue for notifications is in use, from 0 to 1. At 1 nobody is told any more. */
  | 'notification-queue'
  /** How many statements of this store wait for a connection; nothing for a pool that does not say so. */
  | 'pool-waiting';

/**
 * One measurement of a store. The name tells the unit: those that end in `-ms` are milliseconds, others are counts or
 * shares.
 */
export interface StoreMetric<Name extends string = StoreEventName | StoreGaugeName> {
  readonly name: Name;
  readonly value: number;
}

/**
 * Gets each metric of a PostgreSQL store as it happens. It is called between two writes, so hand the value on and
 * return at once.
 */
export type OnMetric = (metric: StoreMetric<StoreEventName>) => void;

/** Tells of events. What its hearer throws reaches no run. */
export class Meter {
  readonly #onMetric: OnMetric | undefined;

  constructor(onMetric: OnMetric | undefined) {
    this.#onMetric = onMetric && guarded('onMetric', onMetric);
  }

  /** When something begins that is told by how long it took. Costs nothing where nobody hears it. */
  begin(): number {
    return this.#onMetric === undefined ? 0 : elapsedMs();
  }

  took(name: StoreEventName, begun: number): void {
    if (this.#onMetric !== undefined) this.tell(name, elapsedMs() - begun);
  }

  tell(name: StoreEventName, value: number): void {
    this.#onMetric?.({ name, value });
  }
}

/** What a hearer throws reaches no run and is warned of once, and what it reads is no reading of the node that waits. */
export function guarded<Told>(option: 'onMetric' | 'onOperation', hearer: (told: Told) => void): (told: Told) => void {
  let hasWarned = false;
  return (told) => {
    try {
      aroundRuns(() => hearer(told));
    } catch (thrown) {
      if (hasWarned) return;
      hasWarned = true;
      process.emitWarning(`${option} of a PostgreSQL store threw: ${String(thrown)}`, { code: 'REPRISE_METRIC' });
    }
  };
}

/** A run that was queued without a time is due from when it was written. */
const gauges: Statement = {
  name: 'gauges',
  text: (s) => `SELECT pg_notification_queue_usage() AS queue, count(*)::int AS due,
      coalesce(max(${timeText('$1')} - CASE WHEN r.status IN ('queued', 'paused') AND r.wake_at > 0 THEN r.wake_at
        WHEN r.status = 'running' THEN greatest(r.until, r.time) ELSE r.time END), 0) AS oldest
    FROM ${s}.run r WHERE ${dueText(s, '$1', `'{}'`)} AND r.graph >= '${firstUserName}'`,
};

export async function storeGauges(server: Server, clock: StoreClock): Promise<readonly StoreMetric<StoreGaugeName>[]> {
  const [row] = await server.rows(gauges, [timeOf(clock)]);
  const waiting = server.waitingCount;
  return [
    { name: 'due-runs', value: Number(row?.due) },
    { name: 'oldest-due-ms', value: Math.max(0, Number(row?.oldest)) },
    { name: 'notification-queue', value: Number(row?.queue) },
    ...(waiting === undefined ? [] : [{ name: 'pool-waiting', value: waiting } as const]),
  ];
}
