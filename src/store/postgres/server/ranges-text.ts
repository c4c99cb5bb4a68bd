// What is large about runs stands in partitions, each for a range of numbers: space is given back by dropping one.
//   H1. A run's rows stand under its own number, or under a later one since they were moved (`rows_at`). Nothing about a run
//       but the place of its rows changes with that.
//   H2. The range in use always has one after it. The function that makes it is that of the tables' owner, so any role
//       that may add runs may call it.
//   H3. No table is locked against everybody for longer than `lockMs`, and only where nobody else holds the range.

/** Under what number the rows of a run stand. */
export const atText = (r: string): string => `coalesce(${r}.rows_at, ${r}.number)`;

/** Of the tables that are partitioned. */
const tables = ['entry', 'part', 'checkpoint'] as const;
/** So many numbers have a partition of their own; a schema may say otherwise in `setting`. */
export const rangeSize = 50_000;

/** How long all writers may have to wait for a range to be dropped. */
const lockMs = 100;
/** Longer than the second after which the server ends a vacuum of the range that is in the way. */
const rangeLockMs = 2_000;

/** Whether no range comes after that of this number: then it is time for one. */
export const isNearText = (s: string, number: string): string =>
  `NOT EXISTS (SELECT 1 FROM ${s}.run_range g WHERE g.first > ${number})`;

/** Whether the rows of any run stand in this range. */
const isInUseText = (s: string, first: string, past: string): string =>
  `EXISTS (SELECT 1 FROM ${s}.run r WHERE r.number >= ${first} AND r.number < ${past} AND r.rows_at IS NULL)
    OR EXISTS (SELECT 1 FROM ${s}.run r WHERE r.rows_at >= ${first} AND r.rows_at < ${past})`;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The name of a table for `EXECUTE`, with the number of its range. */
const ofRange = (s: string, table: string): string => `${literal(`${s}.${table}_`)} || range_first`;

interface FunctionText {
  readonly name: string;
  readonly takes: string;
  readonly returns: string;
  /** What its caller must be allowed to do with runs: it is executed as the owner of the tables. */
  readonly privilege: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly declares: string;
  readonly body: string;
}

const functionText = (s: string, { name, takes, returns, privilege, declares, body }: FunctionText): string => `
CREATE FUNCTION ${s}.${name}(${takes}) RETURNS ${returns} LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $range$
DECLARE ${declares}
BEGIN
  IF NOT has_table_privilege(session_user, ${literal(`${s}.run`)}, '${privilege}') THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied for the runs of this schema';
  END IF;
${body}
END $range$;`;

/** `lock`: the two numbers of an advisory lock. */
export const rangesText = (s: string, lock: string): string => `
CREATE TABLE ${s}.run_range (first bigint PRIMARY KEY, past bigint NOT NULL);
INSERT INTO ${s}.setting (name, value) VALUES ('range', ${rangeSize});
${functionText(s, {
  name: 'add_ranges',
  takes: '',
  returns: 'bigint',
  privilege: 'INSERT',
  declares: 'reached bigint; range_first bigint; range_past bigint;',
  body: `  PERFORM pg_advisory_xact_lock(${lock});
  reached := greatest(coalesce(pg_sequence_last_value(${literal(`${s}.run_number_seq`)}), 0), 1);
  range_past := coalesce((SELECT max(g.past) FROM ${s}.run_range g), 1);
  WHILE ${isNearText(s, 'reached')} LOOP
    range_first := range_past;
    range_past := range_first + (SELECT value FROM ${s}.setting WHERE name = 'range');
${tables
  .map(
    (
      table,
    ) => `    EXECUTE 'CREATE TABLE ' || ${ofRange(s, table)} || ${literal(` (LIKE ${s}.${table} INCLUDING DEFAULTS)`)};
    EXECUTE ${literal(`ALTER TABLE ${s}.${table} ATTACH PARTITION `)} || ${ofRange(s, table)}
      || ' FOR VALUES FROM (' || range_first || ') TO (' || range_past || ')';`,
  )
  .join('\n')}
    INSERT INTO ${s}.run_range (first, past) VALUES (range_first, range_past);
  END LOOP;
  RETURN range_past;`,
})}
${functionText(s, {
  name: 'move_rows',
  takes: 'run_number bigint, from_at bigint',
  returns: 'boolean',
  privilege: 'UPDATE',
  declares: 'to_at bigint;',
  body: `  -- It takes a number, and so must find a range for it as a run that begins does.
  IF ${isNearText(s, `coalesce(pg_sequence_last_value(${literal(`${s}.run_number_seq`)}), 0)`)} THEN PERFORM ${s}.add_ranges(); END IF;
  -- Whatever writes to a run holds a lock of its row. The statements below see what was written before this one.
  PERFORM 1 FROM ${s}.run r WHERE r.number = run_number AND ${atText('r')} = from_at FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  to_at := nextval(${literal(`${s}.run_number_seq`)});
  INSERT INTO ${s}.entry SELECT to_at, e.sequence, e.step, e.time, e.json FROM ${s}.entry e WHERE e.run = from_at;
  INSERT INTO ${s}.part SELECT to_at, p.digest, p.json FROM ${s}.part p WHERE p.run = from_at;
  INSERT INTO ${s}.checkpoint SELECT to_at, c.sequence, c.step, c.length, c.json FROM ${s}.checkpoint c WHERE c.run = from_at;
  UPDATE ${s}.run SET rows_at = to_at WHERE number = run_number;
  RETURN true;`,
})}
${functionText(s, {
  name: 'drop_range',
  takes: 'range_first bigint',
  returns: 'boolean',
  privilege: 'DELETE',
  declares: 'range_past bigint;',
  body: `  PERFORM pg_advisory_xact_lock(${lock});
  range_past := (SELECT g.past FROM ${s}.run_range g WHERE g.first = range_first);
  -- A number that is yet to be given may come to stand there.
  IF range_past IS NULL OR coalesce(pg_sequence_last_value(${literal(`${s}.run_number_seq`)}), 0) < range_past
    OR ${isInUseText(s, 'range_first', 'range_past')} THEN RETURN NULL; END IF;
  BEGIN
    PERFORM set_config('lock_timeout', '${rangeLockMs}ms', true);
    EXECUTE 'LOCK TABLE ' || ${tables.map((table) => ofRange(s, table)).join(" || ', ' || ")} || ' IN ACCESS EXCLUSIVE MODE';
    PERFORM set_config('lock_timeout', '${lockMs}ms', true);
    LOCK TABLE ${tables.map((table) => `ONLY ${s}.${table}`).join(', ')} IN ACCESS EXCLUSIVE MODE;
  EXCEPTION WHEN lock_not_available OR deadlock_detected THEN RETURN false;
  END;
  -- What was about to be written there is there by now.
  IF ${isInUseText(s, 'range_first', 'range_past')} THEN RETURN NULL; END IF;
${tables.map((table) => `  EXECUTE 'DROP TABLE ' || ${ofRange(s, table)};`).join('\n')}
  DELETE FROM ${s}.run_range g WHERE g.first = range_first;
  RETURN true;`,
})}
PERFORM ${s}.add_ranges();`;
