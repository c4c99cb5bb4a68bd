// Bundles: parts of large values that stand in a part store, many in one object. In the tables a part of one is a reference.
//   B1. A bundle has a row before it is put, and is put before anything names it. What a process leaves that dies in between
//       is a bundle of its run, and goes with the run.
//   B2. What may go is marked in the statement that deletes what named it. Whichever process has the part store deletes it, some
//       time after that: a backup of the tables or a replica that lags behind may still name it.
//   B3. A process may be late with a bundle of a run that is gone. So rows stay for longer than it may be late, and what is
//       there is deleted once more.
//   B4. Its process draws the id of a bundle, which is in its key, so no two puts share one: also not on a server that went back
//       and counts again. What comes late lies beside what others have put, and never over it.
//   B5. Such a server may have lost the row. What names a bundle sees to it that it has one.
import { RepriseError, messageOf } from '../../../../base/error.ts';
import type { PartStore } from '../../../../port/part-store.ts';
import { asStore } from '../../../../port/store-traffic.ts';
import { pause } from '../../../row/pause.ts';
import { isLasting } from '../../../parts/lasting-fault.ts';
import type { StoredPart } from '../../../row/stored-batch.ts';
import { newNonce } from '../../row/names.ts';
import type { Server, Statement } from '../../server/server.ts';
import type { Stand } from '../found-run.ts';

/** So many bytes go into one object, more or less. */
export const bundleBytes = 1_000_000;
/** A statement or object that is later than this is thought to come no more. */
const lateMs = 600_000;
const sweptCount = 100;
const atOnce = 8;
const pauseMsMin = 50;
const pauseMsMax = 1_000;
/** Before the first. */
const noId = '00000000-0000-0000-0000-000000000000';

/** The run is not deleted meanwhile: its bundle would stay. */
const begin: Statement = {
  name: 'begin_bundle',
  text: (
    s,
  ) => `WITH locked AS MATERIALIZED (SELECT r.number FROM ${s}.run r WHERE r.id = $1 AND r.token = $2 FOR KEY SHARE)
    INSERT INTO ${s}.bundle (id, run) SELECT $3::uuid, number FROM locked ON CONFLICT (id) DO UPDATE SET run = excluded.run
    RETURNING id::text, run, (SELECT i.id::text FROM ${s}.store_id i) AS store`,
};

const storeId: Statement = { name: 'store_id', text: (s) => `SELECT id::text AS store FROM ${s}.store_id` };

/** The next that were marked so long ago, in the order in which they were. */
const gone: Statement = {
  name: 'gone_bundles',
  text: (s) => `SELECT b.id::text, b.run, b.gone_at::text, (SELECT i.id::text FROM ${s}.store_id i) AS store,
      b.asked_at < statement_timestamp() - ${lateMs} * interval '1 millisecond' AS is_settled
    FROM ${s}.bundle b WHERE b.gone_at <= statement_timestamp() - $3::float8 * interval '1 millisecond'
      AND (b.gone_at, b.id) > ($1::timestamptz, $2::uuid) ORDER BY b.gone_at, b.id LIMIT ${sweptCount}`,
};

const forget: Statement = {
  name: 'forget_bundles',
  text: (s) => `DELETE FROM ${s}.bundle b WHERE b.gone_at IS NOT NULL AND b.id = ANY ($1::uuid[])`,
};

interface BundleRow {
  readonly id: unknown;
  readonly run: unknown;
  readonly store: unknown;
}

interface GoneRow extends BundleRow {
  readonly gone_at: unknown;
  readonly is_settled: boolean;
}

const keyOf = ({ store, run, id }: BundleRow): string => `${String(store)}/${String(run)}/${String(id)}`;

/** JSON never begins like that. */
const reference = /^@([\da-f-]+):(\d+):(\d+)$/;

/** How long the text of a part is, wherever it stands. */
export const partLengthText = (json: string): string =>
  `CASE WHEN ${json} LIKE '@%' THEN split_part(${json}, ':', 3)::bigint ELSE octet_length(${json}) END`;

/** In which bundle a part is that is a reference. */
export const bundleText = (json: string): string => `substr(${json}, 2, 36)::uuid`;

/** Marks a bundle: it may go. */
export const goneText = 'gone_at = statement_timestamp()';

/** Marks bundles of these runs in the statement that deletes them. `gone`: a table with their numbers as `run`. */
export const markText = (s: string, from: string): string =>
  `UPDATE ${s}.bundle b SET ${goneText} FROM ${from} WHERE b.run = ${from}.run AND b.gone_at IS NULL`;

export interface PutBundle {
  readonly id: string;
  /** What stands for its parts in the tables. */
  readonly references: readonly StoredPart[];
}

/** Puts parts of a run into one object; undefined if the run is another's. */
export async function putBundle(
  server: Server,
  run: readonly [id: string, token: number],
  parts: readonly StoredPart[],
): Promise<PutBundle | undefined> {
  const [row] = (await server.rows(begin, [...run, newNonce()])) as unknown as readonly BundleRow[];
  if (row === undefined) return undefined;
  let offset = 0;
  const texts: Buffer[] = [];
  const references = parts.map(({ name, column }) => {
    const bytes = Buffer.from(String(column), 'utf8');
    texts.push(bytes);
    const start = offset;
    offset += bytes.length;
    return { name, column: `@${String(row.id)}:${start}:${bytes.length}` };
  });
  const bytes = Buffer.concat(texts);
  await patiently(server, (store) => store.put(keyOf(row), bytes));
  return { id: String(row.id), references };
}

/** What the keys of a store begin with never changes. */
const storeIds = new WeakMap<Server, string>();

async function storeIdOf(server: Server): Promise<string> {
  const known = storeIds.get(server);
  if (known !== undefined) return known;
  const [row] = await server.rows(storeId, []);
  const id = String(row?.store);
  storeIds.set(server, id);
  return id;
}

/** The texts of these parts; some are references. Each object is asked for once, and several at a time. */
export async function wholeTexts(
  server: Server,
  { number: run }: Stand,
  parts: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, { readonly digest: string; readonly start: number; readonly length: number }[]>();
  for (const [digest, text] of parts) {
    const [, id, start, length] = reference.exec(text) ?? [];
    if (id === undefined) continue;
    const known = wanted.get(id) ?? [];
    known.push({ digest, start: Number(start), length: Number(length) });
    wanted.set(id, known);
  }
  if (wanted.size === 0) return parts;
  const of = await storeIdOf(server);
  const texts = new Map(parts);
  const open = [...wanted];
  const next = async (): Promise<void> => {
    for (let bundle = open.shift(); bundle !== undefined; bundle = open.shift()) {
      const [id, places] = bundle;
      const bytes = await patiently(server, (store) => store.get(keyOf({ store: of, run, id })));
      if (bytes === undefined) storeIds.delete(server);
      for (const { digest, start, length } of places) {
        // It is missing, as any part may be: its reader looks once more, and says so.
        if (bytes === undefined) texts.delete(digest);
        else texts.set(digest, Buffer.from(bytes.subarray(start, start + length)).toString('utf8'));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, open.length) }, next));
  return texts;
}

/** Deletes the bundles that were marked long enough ago, if this process has the part store. */
export async function sweepBundles(server: Server): Promise<void> {
  if (server.parts === undefined) return;
  for (let after: readonly [time: unknown, id: unknown] = ['-infinity', noId]; ; ) {
    const rows = await server.rows(gone, [...after, server.partsGraceMs]);
    const bundles = rows as unknown as readonly GoneRow[];
    const last = bundles.at(-1);
    if (last === undefined) return;
    const open = [...bundles];
    const next = async (): Promise<void> => {
      for (let bundle = open.shift(); bundle !== undefined; bundle = open.shift()) {
        const key = keyOf(bundle);
        await patiently(server, (store) => store.delete(key));
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, open.length) }, next));
    const settled = bundles.filter(({ is_settled }) => is_settled).map(({ id }) => id);
    if (settled.length > 0) await server.rows(forget, [settled]);
    after = [last.gone_at, last.id];
  }
}

/** @throws RepriseError `store-unreachable`, `store-unreadable` */
async function patiently<Result>(server: Server, ask: (store: PartStore) => Promise<Result>): Promise<Result> {
  const { parts, shown, patienceMs } = server;
  if (parts === undefined)
    throw new RepriseError(
      'store-unreadable',
      `the store ${shown} keeps large parts in a part store, which it was not given`,
      {
        nextStep:
          'Give it the place that the processes have which write to it: the option `parts` in a program, ?parts=… in an address.',
        fields: { store: shown },
      },
    );
  let waitedMs = 0;
  for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(2 * pauseMs, pauseMsMax)) {
    server.checkOpen();
    try {
      return await asStore(() => ask(parts));
    } catch (thrown) {
      const lasts = isLasting(thrown);
      if (lasts || waitedMs >= patienceMs)
        throw new RepriseError('store-unreachable', `the part store of ${shown} fails: ${messageOf(thrown)}`, {
          nextStep: lasts
            ? 'Check its address, its credentials and what they allow. Runs continue when it takes what is asked of it.'
            : 'See whether it can be reached from here. Runs continue when it is back.',
          cause: thrown,
          fields: { store: shown },
        });
    }
    await pause(pauseMs);
    waitedMs += pauseMs;
  }
}
