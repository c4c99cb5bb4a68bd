// Which workers there are, and which of them may drive a run.
import { firstUserName } from '../../../journal/errand.ts';
import type { DrivenGraph, LiveWorker, StrandedRun, WorkerNote, Workers } from '../../../port/workers.ts';
import { workerMark } from '../../driving.ts';
import { nameOf, storedName } from '../row/names.ts';
import type { Server, Statement } from '../server/server.ts';
import { timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { dueText } from './due-text.ts';

type IsGone = (owner: string) => boolean | undefined;

const announce: Statement = {
  name: 'announce',
  text: (s) => `WITH gone AS (DELETE FROM ${s}.worker w WHERE w.expires_at <= ${timeText('$6')} AND w.id <> $1)
    INSERT INTO ${s}.worker AS w (id, graph, fingerprint, build, since, expires_at)
    SELECT $1, g.name, g.fingerprint, $4::text, ${timeText('$6')}, ${timeText('$6')} + $5::float8
      FROM unnest($2::text[], $3::text[]) AS g (name, fingerprint)
    ON CONFLICT (id, graph) DO UPDATE SET fingerprint = excluded.fingerprint, build = excluded.build,
      since = CASE WHEN w.expires_at > ${timeText('$6')} THEN w.since ELSE excluded.since END, expires_at = excluded.expires_at`,
};

const withdraw: Statement = { name: 'withdraw', text: (s) => `DELETE FROM ${s}.worker WHERE id = $1` };

const live: Statement = {
  name: 'live_workers',
  text: (s) => `SELECT w.id, w.graph, w.fingerprint, w.build, w.since,
      (SELECT count(*)::int FROM ${s}.run r WHERE r.owner = w.id AND r.status = 'running') AS runs
    FROM ${s}.worker w WHERE w.expires_at > ${timeText('$1')} ORDER BY w.since, w.id, w.graph`,
};

const hasGraphText = (s: string): string =>
  `SELECT 1 FROM ${s}.worker w WHERE w.graph = r.graph AND w.fingerprint <> ALL (r.refused)
        AND w.expires_at > ${timeText('$2')} AND w.id <> ALL ($3::text[])`;

/** As `isStranded` and `strandedOf` say: each live worker with its graph has refused it or leaves it alone. */
const stranded: Statement = {
  name: 'stranded',
  text: (s) => `SELECT r.id, r.graph, r.fingerprint, EXISTS (${hasGraphText(s)}) AS left_alone FROM ${s}.run r
    WHERE r.graph >= '${firstUserName}' AND ${dueText(s, '$2', '$3')}
      AND NOT EXISTS (${hasGraphText(s)} AND '${workerMark}' || w.id <> ALL (r.refused))
    ORDER BY r.number LIMIT $1`,
};

const everybody: Statement = {
  name: 'everybody',
  text: (s) => `SELECT DISTINCT r.owner FROM ${s}.run r WHERE r.status = 'running' AND r.owner IS NOT NULL
    UNION SELECT w.id FROM ${s}.worker w`,
};

export function serverWorkers(server: Server, clock: StoreClock): Workers {
  return {
    async announce({ owner, build, graphs, leaseMs }: WorkerNote): Promise<void> {
      server.checkWritable();
      await server.rows(announce, [
        storedName(owner),
        graphs.map(({ name }) => storedName(name)),
        graphs.map(({ fingerprint }) => storedName(fingerprint)),
        build === undefined ? null : storedName(build),
        leaseMs,
        timeOf(clock),
      ]);
    },
    async withdraw(owner: string): Promise<void> {
      server.checkWritable();
      await server.rows(withdraw, [storedName(owner)]);
    },
    live: (isGone) => liveWorkers(server, clock, isGone),
    async stranded(limit: number, isGone?: IsGone): Promise<readonly StrandedRun[]> {
      const names = isGone === undefined ? [] : (await server.rows(everybody, [])).map(({ owner }) => String(owner));
      const gone = names.filter((name) => isGone?.(nameOf(name)) === true);
      const rows = await server.rows(stranded, [Math.min(limit, limitMax), timeOf(clock), gone]);
      return rows.map(({ id, graph, fingerprint, left_alone: isLeftAlone }) => ({
        runId: nameOf(String(id)),
        graph: nameOf(String(graph)),
        ...(fingerprint === null ? {} : { fingerprint: nameOf(String(fingerprint)) }),
        ...(isLeftAlone === true ? { isLeftAlone } : {}),
      }));
    },
  };
}

const limitMax = 2 ** 31 - 1;

async function liveWorkers(
  server: Server,
  clock: StoreClock,
  isGone: IsGone | undefined,
): Promise<readonly LiveWorker[]> {
  const found = new Map<string, LiveWorker & { readonly graphs: DrivenGraph[] }>();
  for (const { id, graph, fingerprint, build, since, runs } of await server.rows(live, [timeOf(clock)])) {
    const owner = nameOf(String(id));
    if (isGone?.(owner) === true) continue;
    const worker = found.get(owner) ?? {
      owner,
      ...(build === null ? {} : { build: nameOf(String(build)) }),
      graphs: [],
      since: Math.floor(Number(since)),
      runCount: Number(runs),
    };
    worker.graphs.push({ name: nameOf(String(graph)), fingerprint: nameOf(String(fingerprint)) });
    found.set(owner, worker);
  }
  return [...found.values()];
}

/**
 * Whether a worker with these graphs may drive the run, beside those that live; as `mayDrive` says. `names`, `fingerprints`:
 * parameters with its graphs.
 */
export const mayDriveText = (
  s: string,
  {
    names,
    fingerprints,
    time,
    gone,
  }: { readonly names: string; readonly fingerprints: string; readonly time: string; readonly gone: string },
): string => `EXISTS (
      SELECT 1 FROM unnest(${names}::text[], ${fingerprints}::text[]) AS g (name, fingerprint)
      WHERE g.name = r.graph AND g.fingerprint <> ALL (r.refused)
        AND (r.fingerprint = g.fingerprint OR r.fingerprint IS NULL OR r.fingerprint = ANY (r.refused) OR NOT EXISTS (
          SELECT 1 FROM ${s}.worker w WHERE w.graph = r.graph AND w.fingerprint = r.fingerprint
            AND w.expires_at > ${timeText(time)} AND w.id <> ALL (${gone}::text[]))))`;

/** Of a run that was appended an `edit` to. A process that dies before that leaves it to workers that will refuse it. */
const continueWith: Statement = {
  name: 'continue_with',
  text: (s) => `UPDATE ${s}.run SET fingerprint = $3, refused = '{}' WHERE id = $1 AND token = $2`,
};

export async function continueRunWith(
  server: Server,
  { runId, token }: { readonly runId: string; readonly token: number },
  fingerprint: string,
): Promise<void> {
  await server.rows(continueWith, [storedName(runId), token, storedName(fingerprint)]);
}
