// Reads journals and checkpoints, page by page, while others write.
//   R1. Parts are asked for in one round trip a level: those that entries name, then those that these name.
//   R2. What is read is the journal from a place on without a gap, or an error.
//   R3. An entry whose part is missing may have been replaced by one without bodies since it was read, and its parts
//       deleted. It is damaged only if it still stands as it was read.
//   R4. A number is that of a run only beside its id: a server that went back gives it to another run.
import { RepriseError } from '../../../base/error.ts';
import type { Entry } from '../../../journal/entry.ts';
import type { PlacedCheckpoint } from '../../../port/store.ts';
import { plainCodec } from '../../row/codec.ts';
import { nextTurn } from '../../row/pause.ts';
import { damagedEntry, namesIn, partNamesIn, storedCheckpoint, storedEntry } from '../../row/stored-entry.ts';
import { atText } from '../server/ranges-text.ts';
import type { Server, Statement } from '../server/server.ts';
import { storedName } from '../row/names.ts';
import { wholeTexts } from './bundle/bundles.ts';
import { foundRun, unknownRun } from './found-run.ts';
import type { Stand, Stands } from './found-run.ts';

const pageCount = 500;
/** So many entries with parts are put together at a time: their parts are in memory at once. */
const partedCount = 50;
const placeMax = 2_147_483_647;

export const entriesOf: Statement = {
  name: 'entries',
  text: (s) =>
    `SELECT sequence, step, time, json FROM ${s}.entry WHERE run = $1 AND sequence >= $2 ORDER BY sequence LIMIT $3`,
};

/** With the run itself, so that it is known to be there, and its rows at that place, where it has no such entries. */
const page: Statement = {
  name: 'page',
  text: (s) => `SELECT p.sequence, p.step, p.time, p.json FROM ${s}.run r LEFT JOIN LATERAL (
      (SELECT e.sequence, e.step, e.time, e.json FROM ${s}.entry e
        WHERE e.run = $2 AND e.sequence >= $3 ORDER BY e.sequence LIMIT $4::int)
      UNION ALL SELECT t.last, t.step, t.time, t.json FROM ${s}.tail t WHERE t.run = r.number AND t.last >= $3 AND t.json <> ''
      ORDER BY 1 LIMIT $4::int) AS p ON true
    WHERE r.number = $1 AND r.id = $5 AND ${atText('r')} = $2 ORDER BY p.sequence`,
};

const partsOf: Statement = {
  name: 'parts',
  text: (s) => `SELECT digest, json FROM ${s}.part WHERE run = $1 AND digest = ANY ($2::text[])`,
};

/** With the run itself, as for a page. */
const checkpointOf: Statement = {
  name: 'checkpoint',
  text: (s) => `SELECT k.sequence, k.step, k.json FROM ${s}.run r LEFT JOIN LATERAL (
      SELECT c.sequence, c.step, c.json FROM ${s}.checkpoint c WHERE c.run = $1 AND c.step <= $2 AND c.sequence < $3
      ORDER BY c.sequence DESC LIMIT 1) AS k ON true
    WHERE r.number = $4 AND r.id = $5 AND ${atText('r')} = $1`,
};

export interface StoredText {
  readonly sequence: number;
  readonly step: number;
  readonly time: number;
  readonly json: string;
}

export interface JournalQuery {
  readonly runId: string;
  readonly from: number;
  readonly limit: number;
  readonly stands: Stands;
}

export async function* readJournal(
  server: Server,
  { runId, from, limit, stands }: JournalQuery,
): AsyncGenerator<Entry, undefined> {
  const end = Math.min(from + limit, placeMax);
  let stand: Stand | undefined;
  /** The text of an entry that could not be read, and stands there now as it was. */
  let broken: string | undefined;
  for (let place = Math.min(from, placeMax); ; ) {
    const count = Math.max(0, Math.min(pageCount, end - place));
    const looked: Stand = stand ?? stands.get(runId) ?? (await foundRun(server, runId));
    const found = await server.rows(page, [looked.number, looked.at, place, count, storedName(runId)]);
    if (found.length === 0) {
      // Its rows were moved, or there is another run with its id.
      stand = await standOf(server, runId, stand);
      stands.set(runId, stand);
      continue;
    }
    stand = looked;
    stands.set(runId, stand);
    const stored = found.filter(({ sequence }) => sequence !== null) as unknown as readonly StoredText[];
    const rows = eachText(stored).filter(({ sequence }) => sequence >= place && sequence < end);
    let row: StoredText | undefined;
    try {
      for (const group of groupsOf(rows)) {
        const parts = await textsOf(
          server,
          looked,
          group.flatMap(({ json }) => partNamesIn(json)),
        );
        for (row of group) {
          const at = { path: server.shown, runId, sequence: place };
          if (row.sequence !== place) throw damagedEntry(at, 'it is missing');
          yield storedEntry({ ...row, crc: null }, (digest) => parts.get(digest), plainCodec, at);
          place += 1;
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof RepriseError)) throw thrown;
      stand = await standOf(server, runId, looked);
      if (stand.at !== looked.at) continue;
      if (row?.sequence !== place || row.json === broken || partNamesIn(row.json).length === 0) throw thrown;
      broken = row.json;
      continue;
    }
    if (stored.length < count || place >= end) return undefined;
    await nextTurn();
  }
}

/** Whether a row holds several entries. */
export function isShared({ json }: StoredText): boolean {
  return json.includes('\n');
}

/** A row may hold several entries. The last of them comes first, and gives the row its place (`tails.ts`). */
export function eachText(rows: readonly StoredText[]): readonly StoredText[] {
  return rows.flatMap((row) => {
    if (!isShared(row)) return [row];
    const texts = row.json.split('\n');
    return texts.map((json, index) => ({ ...row, sequence: row.sequence - index, json })).reverse();
  });
}

/** It may have been deleted meanwhile, and another run begun with its id. */
async function standOf(server: Server, runId: string, before: Stand | undefined): Promise<Stand> {
  const found = await foundRun(server, runId);
  if (before !== undefined && found.number !== before.number) throw unknownRun(server, runId);
  return found;
}

/** So that only few entries have their parts in memory. */
function groupsOf(rows: readonly StoredText[]): readonly (readonly StoredText[])[] {
  const groups: StoredText[][] = [[]];
  let parted = 0;
  for (const row of rows) {
    if (partNamesIn(row.json).length > 0) parted += 1;
    if (parted > partedCount) {
      groups.push([]);
      parted = 1;
    }
    groups.at(-1)?.push(row);
  }
  return groups;
}

/** The texts of these parts, and of all that they name. */
export async function textsOf(
  server: Server,
  stand: Stand,
  digests: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const asked = new Set<string>();
  for (let next = digests; ; ) {
    const wanted = [...new Set(next)].filter((digest) => !asked.has(digest));
    if (wanted.length === 0) return texts;
    for (const digest of wanted) asked.add(digest);
    const rows = (await server.rows(partsOf, [stand.at, wanted])) as readonly {
      readonly digest?: unknown;
      readonly json?: unknown;
    }[];
    const found = await wholeTexts(
      server,
      stand,
      new Map(rows.map(({ digest, json }) => [String(digest), String(json)])),
    );
    for (const [digest, text] of found) texts.set(digest, text);
    next = [...found.values()].flatMap(namesIn);
  }
}

export interface CheckpointQuery {
  readonly runId: string;
  /** The last that it may stand after. */
  readonly step: number;
  readonly stands: Stands;
}

export async function latestCheckpoint(
  server: Server,
  { runId, step, stands }: CheckpointQuery,
): Promise<PlacedCheckpoint | undefined> {
  const known = stands.get(runId);
  let stand: Stand = known ?? (await foundRun(server, runId));
  for (let before = placeMax; ; ) {
    const values = [stand.at, Math.min(step, placeMax), before, stand.number, storedName(runId)];
    const rows = await server.rows(checkpointOf, values);
    if (rows.length === 0) {
      // Its rows were moved in this moment, or it is gone: a journal says the same without its checkpoints.
      if (stand !== known) return undefined;
      stand = await foundRun(server, runId);
      stands.set(runId, stand);
      continue;
    }
    const row = rows[0] as unknown as Omit<StoredText, 'time'> & { readonly sequence: number | null };
    if (row.sequence === null) return undefined;
    const parts = await textsOf(server, stand, partNamesIn(row.json));
    const checkpoint = storedCheckpoint({ ...row, crc: null }, (digest) => parts.get(digest), plainCodec, runId);
    if (checkpoint !== undefined) return { place: row.sequence, checkpoint };
    // It is damaged, so the one before it has to do.
    before = row.sequence;
  }
}

const findText: Statement = {
  name: 'number',
  text: (s) => `SELECT number FROM ${s}.run WHERE id = $1`,
};

/** The number of a run. @throws RepriseError `run-unknown` */
export async function numberOf(server: Server, runId: string): Promise<unknown> {
  const [row] = await server.rows(findText, [storedName(runId)]);
  if (row === undefined) throw unknownRun(server, runId);
  return row.number;
}
