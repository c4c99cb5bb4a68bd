// The tables. They are made and brought up to date under an advisory lock, in one transaction, by the first process that
// finds them missing or old. A role that may not create anything is enough where they are there.
//   M1. Two releases that follow each other work on one database at once. So a migration only adds, and what is no longer
//       needed goes with a later one, whose `oldest` says which releases may still use the database.
//   M2. A migration waits for no lock of a table for longer than a second: whatever else wants the table waits behind it.
import { RepriseError } from '../../../base/error.ts';
import { firstUserName } from '../../../journal/errand.ts';
import type { OpenPool } from './pool.ts';
import { rangesText } from './ranges-text.ts';
import { codeOf } from './server-error.ts';

/** Any number will do, as long as nobody else in the database uses it. */
const lockKey = 0x72_70_72_69;

/** How long a migration waits for a table. Everybody else who wants it waits behind the migration. */
export const lockMsMax = 1_000;

const isOpen = "r.status IN ('queued', 'running', 'interrupted', 'paused')";

/** Of the claims in a schema that look at the limit of tenants: one after another. */
const lockOf = (s: string): string => `hashtext('${s.replaceAll("'", "''")}')`;

/**
 * How many runs of each tenant are driven. As the function `served` it waits for other claims first and sees what they have
 * taken, which a statement would not: it sees what was there when it began.
 */
export const servedText = (s: string, time: string, gone: string): string =>
  `SELECT r.tenant, count(*) FROM ${s}.run r LEFT JOIN ${s}.owner o ON o.id = r.owner
     WHERE r.owner IS NOT NULL AND r.status = 'running' AND r.graph >= '${firstUserName}' AND r.owner <> ALL (${gone})
       AND greatest(coalesce(r.until, 0), coalesce(o.expires_at, 0)) > ${time} GROUP BY r.tenant`;

/**
 * The tenants of runs that have not ended, by a look at the index for each. It is a function for the planner's sake: that would
 * take them for a hundred, and the statement for one so dear that it is compiled, which takes longer than anything in it.
 */
const openTenantsText = (s: string): string => {
  const first = (graph: string, after = ''): string =>
    `(SELECT min(r.tenant) FROM ${s}.run r WHERE r.graph = ${graph} AND ${isOpen} ${after})`;
  return `WITH RECURSIVE tenants (graph, tenant) AS (
      SELECT g.name, ${first('g.name')} FROM (SELECT DISTINCT n.name FROM unnest(names) AS n (name)) AS g
      UNION ALL SELECT t.graph, ${first('t.graph', 'AND r.tenant > t.tenant')} FROM tenants t WHERE t.tenant IS NOT NULL)
    SELECT t.graph, t.tenant FROM tenants t WHERE t.tenant IS NOT NULL`;
};

export interface Migration {
  /** The version of the oldest schema whose release still works on the tables that this one leaves. */
  readonly oldest: number;
  readonly text: (s: string) => string;
}

/**
 * Each migration brings the tables from the previous version to its own. Never change one that has been released.
 *
 * `last` and `time` of a run are those of its last entry, `step` is the last that was committed: an append changes the row
 * anyway, since that is its fence. `past`: the token of the lease that was ended last. `until`: how long the claim holds with
 * which the run was taken, which has to stand in its row. `watched_until`: until then somebody wants to be told when it
 * grows. `tenant`: '' for none. `fingerprint`: of the graph that it continues with; `refused`: those of graphs that cannot
 * drive it. `settled`: the transaction in which it was begun or last ceased to be driven: changed with its status alone, since
 * an index that each append changes would cost it. `written`, `checkpoint`: the length of what was written since its last
 * checkpoint, and that of the checkpoint. `rows_at`: under which number its entries, parts and checkpoints stand, if not its
 * own (`ranges-text.ts`). `tail`: what a stream has written last of a run, by its own number, and none of that is in `entry`
 * (`tails.ts`). `bundle`: what of a run stands in a part store (`bundles.ts`). `dropped`: deleted runs that may still have rows
 * elsewhere. Times are in milliseconds since 1970.
 */
export const migrations: readonly Migration[] = [
  {
    oldest: 1,
    text: (s) => `
CREATE SEQUENCE ${s}.run_token;
CREATE TABLE ${s}.run (
  number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id         text COLLATE "C" NOT NULL UNIQUE,
  graph      text COLLATE "C" NOT NULL,
  status     text NOT NULL,
  token      bigint NOT NULL,
  past       bigint NOT NULL DEFAULT 0,
  nonce      uuid NOT NULL,
  last       int NOT NULL,
  step       int NOT NULL,
  time       float8 NOT NULL,
  created_at float8 NOT NULL,
  owner      text COLLATE "C",
  until      float8,
  wake_at    float8,
  cancel     text,
  takeovers  int NOT NULL DEFAULT 0,
  inbox_last int NOT NULL DEFAULT 0,
  listens    boolean NOT NULL DEFAULT false,
  recording  text,
  record_at  float8,
  record_tries int NOT NULL DEFAULT 0,
  watched_until timestamptz,
  tenant     text COLLATE "C" NOT NULL DEFAULT '',
  fingerprint text,
  refused    text[] NOT NULL DEFAULT '{}',
  settled    xid8 NOT NULL DEFAULT pg_current_xact_id(),
  written    bigint NOT NULL DEFAULT 0,
  checkpoint int NOT NULL DEFAULT 0,
  rows_at    bigint
) WITH (fillfactor = 70);
CREATE INDEX run_open ON ${s}.run (graph, tenant, number) WHERE status IN ('queued', 'running', 'interrupted', 'paused');
CREATE INDEX run_by_graph ON ${s}.run (graph, number);
CREATE INDEX run_by_bad_end ON ${s}.run (status, number) WHERE status IN ('failed', 'cancelled');
CREATE INDEX run_by_graph_and_bad_end ON ${s}.run (graph, status, number) WHERE status IN ('failed', 'cancelled');
CREATE INDEX run_by_tenant ON ${s}.run (tenant, number) WHERE tenant <> '';
CREATE INDEX run_by_rows ON ${s}.run (rows_at) WHERE rows_at IS NOT NULL;
CREATE INDEX run_by_settled ON ${s}.run (settled, number);
CREATE INDEX run_by_owner ON ${s}.run (owner) WHERE owner IS NOT NULL;
CREATE INDEX run_by_recording ON ${s}.run (graph, recording, record_at) WHERE record_at IS NOT NULL;
CREATE TABLE ${s}.entry (
  run bigint NOT NULL, sequence int NOT NULL, step int NOT NULL, time float8 NOT NULL, json text NOT NULL,
  PRIMARY KEY (run, sequence)
) PARTITION BY RANGE (run);
CREATE TABLE ${s}.part (
  run bigint NOT NULL, digest text COLLATE "C" NOT NULL, json text NOT NULL, PRIMARY KEY (run, digest)
) PARTITION BY RANGE (run);
CREATE TABLE ${s}.checkpoint (
  run bigint NOT NULL, sequence int NOT NULL, step int NOT NULL, length int NOT NULL, json text NOT NULL,
  PRIMARY KEY (run, sequence)
) PARTITION BY RANGE (run);
${rangesText(s, `${lockKey + 1}, ${lockOf(s)}`)}
CREATE TABLE ${s}.tail (
  run bigint PRIMARY KEY, last int NOT NULL, step int NOT NULL, time float8 NOT NULL, json text NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE ${s}.tail ALTER COLUMN json SET STORAGE PLAIN;
CREATE TABLE ${s}.label (run bigint NOT NULL, label text COLLATE "C" NOT NULL, step int NOT NULL, PRIMARY KEY (run, label));
CREATE TABLE ${s}.message (
  run bigint NOT NULL, number int NOT NULL, time float8 NOT NULL, json text, nonce uuid NOT NULL,
  PRIMARY KEY (run, number), UNIQUE (run, nonce)
);
CREATE TABLE ${s}.store_id (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO ${s}.store_id DEFAULT VALUES;
CREATE TABLE ${s}.bundle (
  id uuid PRIMARY KEY, run bigint NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT statement_timestamp(), gone_at timestamptz
);
CREATE INDEX bundle_by_run ON ${s}.bundle (run);
CREATE INDEX bundle_gone ON ${s}.bundle (gone_at, id) WHERE gone_at IS NOT NULL;
CREATE TABLE ${s}.dropped (run bigint PRIMARY KEY, rows_at bigint NOT NULL);
CREATE FUNCTION ${s}.served(at_time float8, gone_owners text[]) RETURNS TABLE (of_tenant text, runs bigint) LANGUAGE plpgsql VOLATILE AS $served$
BEGIN
  PERFORM pg_advisory_xact_lock(${lockKey}, ${lockOf(s)});
  RETURN QUERY ${servedText(s, 'at_time', 'gone_owners')};
END $served$;
CREATE FUNCTION ${s}.open_tenants(names text[]) RETURNS TABLE (of_graph text, of_tenant text) LANGUAGE plpgsql STABLE ROWS 1 AS $tenants$
BEGIN
  RETURN QUERY ${openTenantsText(s)};
END $tenants$;
CREATE TABLE ${s}.worker (
  id text COLLATE "C" NOT NULL, graph text COLLATE "C" NOT NULL, fingerprint text NOT NULL, build text,
  since float8 NOT NULL, expires_at float8 NOT NULL, PRIMARY KEY (id, graph)
);
CREATE TABLE ${s}.owner (id text COLLATE "C" PRIMARY KEY, expires_at float8 NOT NULL) WITH (fillfactor = 70);`,
  },
];

/** The name of a schema as it stands in statements. */
export function quoted(schema: string): string {
  return `"${schema.replaceAll('"', '""')}"`;
}

/** @throws RepriseError `store-version-unknown`; and what the server says */
export async function prepareSchema(
  pool: OpenPool,
  { schema, mode }: { readonly schema: string; readonly mode: 'write' | 'read' },
  shown: string,
  known = migrations,
): Promise<void> {
  const schemaVersion = known.length;
  const { version, oldest } = await versionOf(pool, schema);
  if (version < schemaVersion && mode === 'read') throw notReadable(version, shown);
  if (version < schemaVersion) await migrated(pool, migrationText(schema, known));
  // A newer release that has only added something leaves this one what it needs.
  if (oldest > schemaVersion) {
    throw new RepriseError(
      'store-version-unknown',
      `the store ${shown} has schema ${version}, but this release supports schemas up to ${schemaVersion}`,
      { nextStep: 'Update Reprise. Nothing was changed.', fields: { store: shown, version, known: schemaVersion } },
    );
  }
}

function notReadable(version: number, shown: string): RepriseError {
  const fields = { store: shown, version };
  if (version === 0)
    return new RepriseError('store-unreadable', `the store ${shown} does not exist`, {
      nextStep: 'Check the address and the schema.',
      fields,
    });
  return new RepriseError(
    'store-version-unknown',
    `the store ${shown} has schema ${version}, which is older than this release`,
    {
      nextStep: "Open it once without mode: 'read' to bring it up to date.",
      fields,
    },
  );
}

/** After the lock was waited for, the server may still know of no schema that another process has made meanwhile. */
async function migrated(pool: OpenPool, text: string): Promise<void> {
  try {
    await pool.script(text);
  } catch (thrown) {
    if (!/^(?:23505|42P0[67])$/.test(codeOf(thrown))) throw thrown;
    await pool.script(text);
  }
}

async function versionOf(
  pool: OpenPool,
  schema: string,
): Promise<{ readonly version: number; readonly oldest: number }> {
  const table = `${quoted(schema)}.setting`;
  const [found] = await pool.query({ text: 'SELECT to_regclass($1) IS NOT NULL AS found', name: undefined }, [table]);
  if (found?.found !== true) return { version: 0, oldest: 0 };
  const rows = await pool.query({ text: `SELECT name, value FROM ${table}`, name: undefined }, []);
  const values = new Map(rows.map(({ name, value }) => [name, Number(value)]));
  const version = values.get('version') ?? 0;
  return { version, oldest: values.get('oldest') ?? version };
}

/** Each migration looks for itself whether it is still to be done: another process may have done it meanwhile. */
function migrationText(schema: string, known: readonly Migration[]): string {
  const s = quoted(schema);
  const steps = known.map(({ oldest, text }, index) => {
    const body = `IF (SELECT value FROM ${s}.setting WHERE name = 'version') = ${index} THEN
${text(s)}
INSERT INTO ${s}.setting (name, value) VALUES ('oldest', ${oldest}) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
UPDATE ${s}.setting SET value = ${index + 1} WHERE name = 'version';
END IF;`;
    return `DO $reprise$ BEGIN ${body} END $reprise$;`;
  });
  return `SELECT pg_advisory_xact_lock(${lockKey});
SELECT set_config('lock_timeout', '${lockMsMax}', true);
CREATE SCHEMA IF NOT EXISTS ${s};
CREATE TABLE IF NOT EXISTS ${s}.setting (name text PRIMARY KEY, value int NOT NULL);
INSERT INTO ${s}.setting (name, value) VALUES ('version', 0) ON CONFLICT DO NOTHING;
${steps.join('\n')}`;
}
