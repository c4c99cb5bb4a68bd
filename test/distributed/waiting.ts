// What a test awaits of a server: that a statement has come to where another connection keeps it waiting.
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** Until a statement waits for a lock of this connection, or what was asked for is over without. */
export async function untilBlocked(pool: pg.Pool, by: pg.PoolClient, asked: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  asked.then(end, end);
  const { processID } = by as unknown as { readonly processID: number };
  const text = 'SELECT count(*)::int AS count FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))';
  while (!isOver) {
    const { rows } = await pool.query<{ readonly count: number }>(text, [processID]);
    if ((rows[0]?.count ?? 0) > 0) return;
    await pause(5);
  }
}

/** Until no connection of the pool is in use: what nobody waits for is done, too. */
export async function untilIdle(pool: pg.Pool): Promise<void> {
  // What has just been asked for has its connection a turn later.
  do await pause(1);
  while (pool.idleCount < pool.totalCount || pool.waitingCount > 0);
}
