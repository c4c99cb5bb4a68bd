import { timeText } from '../server/store-clock.ts';

/** Whether a run waits for a worker. `gone`: owners whose processes are known to be dead. */
export const dueText = (s: string, time: string, gone: string): string =>
  `r.status IN ('queued', 'running', 'interrupted', 'paused') AND (r.status = 'interrupted'
    OR (r.status = 'running' AND (r.owner IS NULL OR r.owner = ANY (${gone}::text[])
      OR greatest(coalesce(r.until, 0), coalesce((SELECT o.expires_at FROM ${s}.owner o WHERE o.id = r.owner), 0)) <= ${timeText(time)}))
    OR (r.status IN ('queued', 'paused') AND (r.wake_at <= ${timeText(time)} OR r.cancel IS NOT NULL)))`;
