// What about a server makes runs unsafe, or slower than they need be.
import { isNearText } from './ranges-text.ts';
import type { Server, Statement } from './server.ts';

/** `unsafe`: what was acknowledged can be lost. `note`: something else than usual is to be expected. */
export interface ServerWarning {
  readonly level: 'unsafe' | 'note';
  readonly text: string;
}

/** Clocks that are this far apart are worth a word: times in logs of the machine are not those of runs. */
const apartMsMax = 2_000;

const settings: Statement = {
  name: 'settings',
  text: (s) => `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('default_transaction_isolation') AS isolation,
    current_setting('default_transaction_read_only') AS read_only, pg_is_in_recovery() AS is_replica,
    extract(epoch FROM clock_timestamp())::float8 * 1000 AS time,
    (SELECT count(*)::int FROM pg_stat_replication WHERE sync_state = 'async') AS followers,
    EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS has_synchronous,
    ${isNearText(s, `(SELECT max(r.number) FROM ${s}.run r)`)} AND EXISTS (SELECT 1 FROM ${s}.run) AS is_near`,
};

/** A value that is asked for is written as the server writes it, which it is for this statement alone. */
const session: Statement = {
  name: 'session',
  text: () => 'SELECT current_setting($1::text, true) AS given, set_config($1::text, $2::text, true) AS wanted',
};

/** What the address asks for and the session does not have: a pooler opens sessions for others as well. */
async function lostSettings(server: Server): Promise<readonly ServerWarning[]> {
  const warnings: ServerWarning[] = [];
  for (const [name, value] of server.wantedSettings) {
    const [row] = await server.rows(session, [name, value]);
    if (row?.given === row?.wanted) continue;
    const text = `${name} = ${String(row?.given)}, and the address asks for ${String(row?.wanted)}: a pooler in between loses settings of a session. Set it for the role or the database`;
    warnings.push({ level: 'note', text });
  }
  return warnings;
}

/** `now`: by the clock of this machine. @throws RepriseError */
export async function serverWarnings(server: Server, now: () => number): Promise<readonly ServerWarning[]> {
  const before = now();
  const [row = {}] = await server.rows(settings, []);
  const after = now();
  const warnings: ServerWarning[] = [];
  const add = (level: ServerWarning['level'], isGiven: boolean, text: string): void => {
    if (isGiven) warnings.push({ level, text });
  };
  add('unsafe', row.fsync === 'off', 'fsync = off: a crash of the machine can damage or lose what is stored');
  add('unsafe', row.full_page_writes === 'off', 'full_page_writes = off: a power cut can damage what is stored');
  add(
    'unsafe',
    row.synchronous_commit === 'off',
    'synchronous_commit = off: a crash of the server loses the last entries, which runs then do again',
  );
  const followers = Number(row.followers);
  add(
    // Beside a synchronous one they may be there to be read.
    row.has_synchronous === true ? 'note' : 'unsafe',
    followers > 0,
    `${followers} of its replicas may lag behind: after a switch to one, runs continue from older entries (store-went-back)`,
  );
  add('note', row.is_replica === true, 'it is a replica, and takes no writes');
  add(
    'note',
    row.is_replica !== true && row.read_only === 'on',
    'default_transaction_read_only = on: it takes no writes',
  );
  add(
    'note',
    row.isolation !== 'read committed',
    `default_transaction_isolation = ${String(row.isolation)}: statements that meet are tried again`,
  );
  add(
    'note',
    row.is_near === true,
    'no partition is ahead of the newest run: when it is full, runs that begin wait until one is made, by `SELECT add_ranges()` in its schema',
  );
  warnings.push(...(await lostSettings(server)));
  const apartMs = apartBy(Number(row.time), before, after);
  add(
    'note',
    apartMs > apartMsMax,
    `its clock and that of this machine are ${Math.round(apartMs / 1_000)} s apart: runs go by its clock, what code reads of the time by that of the machine`,
  );
  return warnings;
}

/** The server looked at its clock at some time between the two. */
function apartBy(time: number, before: number, after: number): number {
  return Math.max(before - time, time - after, 0);
}
