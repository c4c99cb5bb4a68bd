// Labels of commits, and entries that are replaced by lighter ones.
import type { Label, Lease, PlacedChunks } from '../../../port/store.ts';
import { sortedLabels } from '../../labels.ts';
import { plainCodec } from '../../row/codec.ts';
import { KnownParts } from '../../row/known-parts.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import { atText } from '../server/ranges-text.ts';
import type { Server, Statement } from '../server/server.ts';
import { nameOf, storedName } from '../row/names.ts';
import { foundRun, refusedLease, unknownRun } from './found-run.ts';
import type { Stand, Stands } from './found-run.ts';

/** The run is not deleted meanwhile: its label would stay. */
const add: Statement = {
  name: 'label',
  text: (s) => `WITH found AS MATERIALIZED (SELECT number FROM ${s}.run WHERE id = $1 FOR KEY SHARE)
    INSERT INTO ${s}.label (run, label, step) SELECT number, $2, $3 FROM found
    ON CONFLICT (run, label) DO UPDATE SET step = excluded.step RETURNING run`,
};

const list: Statement = {
  name: 'labels',
  text: (s) => `SELECT l.step, l.label FROM ${s}.run r LEFT JOIN ${s}.label l ON l.run = r.number WHERE r.id = $1`,
};

const drop: Statement = {
  name: 'drop_chunks',
  text: (s) => `WITH locked AS MATERIALIZED (
      SELECT r.number FROM ${s}.run r
      WHERE r.number = $5 AND r.token = $2 AND ${atText('r')} = $1 FOR NO KEY UPDATE),
    changed AS (UPDATE ${s}.entry e SET json = c.json
      FROM locked l, unnest($3::int[], $4::text[]) AS c (place, json) WHERE e.run = $1 AND e.sequence = c.place)
    SELECT number FROM locked`,
};

/** Rows that hold several entries become one for each, from the place $3 to $4; what is in the tail as well. */
const part: Statement = {
  name: 'part_entries',
  text: (s) => `WITH locked AS MATERIALIZED (
      SELECT r.number FROM ${s}.run r
      WHERE r.number = $5 AND r.token = $2 AND ${atText('r')} = $1 FOR NO KEY UPDATE),
    shared AS (DELETE FROM ${s}.entry e USING locked
      WHERE e.run = $1 AND e.sequence >= $3 AND position(E'\\n' in e.json) > 0
        AND e.sequence <= coalesce((SELECT min(o.sequence) FROM ${s}.entry o WHERE o.run = $1 AND o.sequence >= $4), $4)
      RETURNING e.sequence, e.step, e.time, e.json),
    tails AS (DELETE FROM ${s}.tail t USING locked l WHERE t.run = l.number RETURNING t.last, t.step, t.time, t.json),
    alone AS (INSERT INTO ${s}.entry (run, sequence, step, time, json)
      SELECT $1, w.sequence + 1 - t.place, w.step, w.time, t.json
      FROM (SELECT * FROM shared UNION ALL SELECT * FROM tails WHERE json <> '') AS w,
        unnest(string_to_array(w.json, E'\\n')) WITH ORDINALITY AS t (json, place))
    SELECT number FROM locked`,
};

/** @throws RepriseError `run-unknown` */
export async function addLabel(server: Server, runId: string, { step, label }: Label): Promise<void> {
  server.checkWritable();
  const rows = await server.rows(add, [storedName(runId), storedName(label), step]);
  if (rows.length === 0) throw unknownRun(server, runId);
}

/** @throws RepriseError `run-unknown` */
export async function labelsOf(server: Server, runId: string): Promise<readonly Label[]> {
  const rows = await server.rows(list, [storedName(runId)]);
  if (rows.length === 0) throw unknownRun(server, runId);
  const labelled = rows.filter(({ label }) => label !== null);
  return sortedLabels(labelled.map(({ step, label }) => ({ step: Number(step), label: nameOf(String(label)) })));
}

/** @throws RepriseError `run-unknown`, `lease-lost` */
export async function dropChunks(
  server: Server,
  { lease, stands }: { readonly lease: Lease; readonly stands: Stands },
  chunks: readonly PlacedChunks[],
): Promise<void> {
  server.checkWritable();
  const { runId } = lease;
  const batch = new StoredBatch({ runId, entries: chunks.map(({ entry }) => entry), known: new KnownParts() });
  batch.slice(plainCodec, 'all');
  const lighter = chunks.map(({ place }, index) => ({ place, text: String(batch.rows[index]?.column) }));
  for (let stand = stands.get(runId); ; ) {
    if (stand !== undefined && (await replaced(server, { ...stand, token: lease.token }, lighter))) return;
    const found = await foundRun(server, runId);
    if (found.token !== lease.token) throw refusedLease(lease, found);
    // It was not known where its rows stand, or they were moved.
    stands.set(runId, found);
    stand = found;
  }
}

async function replaced(server: Server, held: HeldStand, lighter: readonly LighterText[]): Promise<boolean> {
  const places = lighter.map(({ place }) => place);
  const span = [Math.min(...places), Math.max(...places)] as const;
  return (await partEntries(server, held, span)) && (await replaceEntries(server, held, lighter));
}

/**
 * Gives each entry between these places a row of its own. Returns whether the run is still that of the token, and its rows
 * stand where they did.
 */
export async function partEntries(
  server: Server,
  { number, at, token }: HeldStand,
  [first, last]: readonly [number, number],
): Promise<boolean> {
  return (await server.rows(part, [at, token, first, last, number])).length > 0;
}

export interface HeldStand extends Stand {
  readonly token: number;
}

interface LighterText {
  readonly place: number;
  readonly text: string;
}

/** Returns whether the run is still that of the token, and its rows stand where they did. */
export async function replaceEntries(
  server: Server,
  { number, at, token }: HeldStand,
  lighter: readonly LighterText[],
): Promise<boolean> {
  const places = lighter.map(({ place }) => place);
  const texts = lighter.map(({ text }) => text);
  return (await server.rows(drop, [at, token, places, texts, number])).length > 0;
}
