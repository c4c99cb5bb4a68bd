// The statements of appends. That of one run alone needs no order of locks, and takes the server half the time.
import type { RunStatus } from '../../../../port/store.ts';
import type { Sync } from '../../options.ts';
import { storedName } from '../../row/names.ts';
import { nextToken } from '../../row/token.ts';
import { atText } from '../../server/ranges-text.ts';
import type { Statement } from '../../server/server.ts';
import { BatchArrays, addText, stepOf } from './batch-text.ts';
import type { Batch, PieceName } from './batch-text.ts';

/** What is asked for of one run. */
export interface RunAppend {
  readonly runId: string;
  readonly token: number;
  /** The place of the last entry before it. */
  readonly expected: number;
  readonly ended: RunStatus | undefined;
  readonly hasProgress: boolean;
  /** The names of parts that were written ahead, and have to be there still. Such an append goes alone. */
  readonly ahead: readonly string[];
  /** Under which number they stood when they were. */
  readonly aheadAt: unknown;
  /** How long its entries and parts are. */
  readonly length: number;
  readonly batch: Batch;
}

const columns = ['id', 'token', 'expected', 'n', 'step', 'time', 'ended', 'progress', 'length', 'checkpoint'] as const;
const types = ['text', 'bigint', 'int', 'int', 'int', 'float8', 'text', 'boolean', 'int', 'int'] as const;

const changes = (s: string, of: (column: (typeof columns)[number]) => string): string => `
        last = ${of('expected')} + ${of('n')}, step = greatest(r.step, ${of('step')}), time = coalesce(${of('time')}, r.time),
        written = CASE WHEN ${of('checkpoint')} IS NULL THEN r.written + ${of('length')} ELSE 0 END,
        checkpoint = coalesce(${of('checkpoint')}, r.checkpoint),
        takeovers = CASE WHEN ${of('progress')} THEN 0 ELSE r.takeovers END, status = coalesce(${of('ended')}, r.status),
        settled = CASE WHEN ${of('ended')} IS NULL THEN r.settled ELSE pg_current_xact_id() END,
        owner = CASE WHEN ${of('ended')} IS NULL THEN r.owner END,
        past = CASE WHEN ${of('ended')} IS NULL THEN r.past ELSE r.token END,
        token = CASE WHEN ${of('ended')} IS NULL THEN r.token ELSE ${nextToken(s)} END`;
const watched = 'r.watched_until > statement_timestamp() AS watched';

/** For the transaction of this statement alone: nothing of it stays with the connection. */
const waitText = (sync: Sync): string =>
  sync === 'server' ? '' : `, set_config('synchronous_commit', '${sync}', true)`;

/** `isAhead`: with two more parameters, before those of the pieces. */
const oneText = (
  s: string,
  pieces: readonly PieceName[],
  { isAhead, sync }: { readonly isAhead: boolean; readonly sync: Sync },
): string => {
  const of = (column: (typeof columns)[number]): string => {
    const index = columns.indexOf(column);
    return `$${index + 1}::${types[index]}`;
  };
  const ahead = `$${columns.length + 1}::text[]`;
  const at = `$${columns.length + 2}::bigint`;
  const areThere = `AND (SELECT count(*) FROM ${s}.part p WHERE p.run = ${at} AND p.digest = ANY (${ahead})) = cardinality(${ahead})`;
  return `WITH changed AS (UPDATE ${s}.run r SET ${changes(s, of)}
      WHERE r.id = ${of('id')} AND r.token = ${of('token')} AND r.last = ${of('expected')} ${isAhead ? areThere : ''}
      RETURNING r.number, ${atText('r')} AS at, ${of('expected')} AS expected, ${of('n')} AS n, 1 AS i, r.id, r.cancel, ${watched}),
    ${addText(s, { from: 'changed', first: columns.length + (isAhead ? 3 : 1), pieces })}
    SELECT i, id, cancel, watched${waitText(sync)} FROM changed`;
};

const groupText = (s: string, pieces: readonly PieceName[], sync: Sync): string => `WITH wanted AS MATERIALIZED (
      SELECT * FROM unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
        WITH ORDINALITY AS w (${columns.join(', ')}, i)),
    locked AS MATERIALIZED (
      SELECT r.number, ${atText('r')} AS at, w.* FROM ${s}.run r JOIN wanted w ON r.id = w.id AND r.token = w.token AND r.last = w.expected
      ORDER BY r.number FOR NO KEY UPDATE OF r),
    changed AS (UPDATE ${s}.run r SET ${changes(s, (column) => `l.${column}`)}
      FROM locked l WHERE r.number = l.number RETURNING l.i, r.id, r.cancel, ${watched}),
    ${addText(s, { from: 'locked', first: columns.length + 1, pieces })}
    SELECT i, id, cancel, watched${waitText(sync)} FROM changed`;

const statements = new Map<string, Statement>();

function statementOf(kind: 'one' | 'ahead' | 'group', pieces: readonly PieceName[], sync: Sync): Statement {
  const name = `append_${kind}_${pieces.map((piece) => piece[0]).join('')}_${sync}`;
  const statement = statements.get(name) ?? {
    name,
    text: (s: string) =>
      kind === 'group' ? groupText(s, pieces, sync) : oneText(s, pieces, { isAhead: kind === 'ahead', sync }),
  };
  statements.set(name, statement);
  return statement;
}

/** Its rows say which of the appends (`i`, counted from 1) were written. */
export function appendOf(
  group: readonly RunAppend[],
  sync: Sync,
): {
  readonly statement: Statement;
  readonly values: readonly unknown[];
} {
  const arrays = new BatchArrays();
  for (const [index, { batch }] of group.entries()) arrays.add(index + 1, batch);
  const rows = group.map(rowOf);
  const [only] = rows;
  if (only === undefined || rows.length > 1) {
    const values = columns.map((_name, column) => rows.map((row) => row[column]));
    return { statement: statementOf('group', arrays.pieces, sync), values: [...values, ...arrays.values()] };
  }
  const ahead = [...new Set(group[0]?.ahead)];
  if (ahead.length === 0)
    return { statement: statementOf('one', arrays.pieces, sync), values: [...only, ...arrays.values()] };
  return {
    statement: statementOf('ahead', arrays.pieces, sync),
    values: [...only, ahead, group[0]?.aheadAt, ...arrays.values()],
  };
}

function rowOf({ runId, token, expected, ended, hasProgress, length, batch }: RunAppend): readonly unknown[] {
  const { rows, checkpoint } = batch;
  const time = rows.at(-1)?.time ?? null;
  const sizes = [length, checkpoint?.length ?? null];
  return [storedName(runId), token, expected, rows.length, stepOf(rows), time, ended ?? null, hasProgress, ...sizes];
}
