// Whose clock decides whether a claim holds and a run is due: that of the server, so that clocks which are apart do no
// harm. The laws of stores bring one of their own.
import type { Claim } from '../../../port/store.ts';
import type { StoreTime } from '../../store-time.ts';
import type { Server, Statement } from './server.ts';

export type StoreClock = 'server' | StoreTime;

/** The time in a statement, in milliseconds since 1970: the parameter, or the time at which the statement arrived. */
export function timeText(parameter: string): string {
  // Not `clock_timestamp`: what a statement reads of claims is as old as its snapshot.
  return `coalesce(${parameter}::float8, extract(epoch FROM statement_timestamp())::float8 * 1000)`;
}

const time: Statement = {
  name: 'time',
  text: () => 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS time',
};

export async function serverTime(server: Server): Promise<number> {
  const [row] = await server.rows(time, []);
  return Number(row?.time);
}

export function timeOf(clock: StoreClock): number | null {
  return clock === 'server' ? null : clock();
}

export function leaseMsOf(claim: Claim | undefined): number | null {
  return claim === undefined ? null : claim.leaseMs;
}
