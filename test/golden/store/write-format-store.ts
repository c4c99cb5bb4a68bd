// Writes a store file for fixtures/format/ with the present engine, through child processes that really die. Run by hand,
// once for each version:
//   npx node test/golden/store/write-format-store.ts fixtures/format/store-v<version>.db
// Beside the file it writes a JSON file with the calls of those processes and the cursors of their readers.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { cancelStoredRun } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import type { Told } from './format-store-main.ts';
import { semanticsVersion } from '../../../src/journal/entry.ts';
import { formatRunsOf } from './format-store-runs.ts';
import { recordOf, recordPath } from './life-record.ts';
import type { LifeRecord } from './life-record.ts';
import { standsAt } from './journal-marks.ts';
import { cancelReason } from './runs/run.ts';
import type { Exit, FormatRun, Life } from './runs/run.ts';

const program = join(import.meta.dirname, 'format-store-main.ts');
const reachMsMax = 60_000;
const leaseMs = 30_000;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: write-format-store.ts <path of the store>');
if (existsSync(path)) throw new Error(`${path} exists, and a store file is never written again`);
for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });

const records: Record<string, LifeRecord> = {};
for (const run of formatRunsOf(semanticsVersion)) {
  const told: Told[] = [];
  for (const number of run.lives.keys()) told.push(...(await live(path, run, number)));
  await check(path, run);
  records[run.runId] = recordOf(told);
  process.stdout.write(`${run.runId}: ${run.left}\n`);
}
detach(path);
writeFileSync(recordPath(path), `${JSON.stringify(records, undefined, 1)}\n`);

/** Runs one process until it is dead, and returns what it reported. */
async function live(path: string, { runId, lives }: FormatRun, number: number): Promise<readonly Told[]> {
  const { exit } = lives[number] as Life;
  const child = spawn(process.execPath, [program, path, runId, String(number)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), reachMsMax);
  const told: Told[] = [];
  let isReached = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const one = JSON.parse(line) as Told;
    told.push(one);
    if (one.kind !== 'reached' || exit === undefined) continue;
    isReached = true;
    await end(child, exit.by, () => cancel(path, runId));
  }
  clearTimeout(timer);
  const [code] = (await exited) as [number | null];
  const isKilled = exit?.by === 'kill' || exit?.by === 'cancel-kill';
  if (isReached !== (exit !== undefined) || code !== (isKilled ? null : 0))
    throw new Error(`life ${number} of ${runId} exited with ${code}, and its journal was not as wanted`);
  return told;
}

async function end(child: ChildProcess, by: Exit['by'], cancel: () => Promise<void>): Promise<void> {
  if (by === 'close') child.kill('SIGTERM');
  // A stopped process is alive, so its lease holds, but it cannot see the request.
  if (by === 'cancel-kill') child.kill('SIGSTOP');
  if (by === 'cancel' || by === 'cancel-kill') await cancel();
  if (by === 'kill' || by === 'cancel-kill') child.kill('SIGKILL');
}

async function cancel(path: string, runId: string): Promise<void> {
  const store = sqliteStore(path);
  await cancelStoredRun(store, runId, cancelReason);
  await store.close();
}

async function check(path: string, { runId, left, lives }: FormatRun): Promise<void> {
  const store = sqliteStore(path);
  const status = (await store.find(runId))?.status;
  const exit = lives.at(-1)?.exit;
  const isThere = exit === undefined || exit.by === 'cancel' || (await standsAt(store, runId, exit.at));
  await store.close();
  if (status !== left || !isThere) throw new Error(`${runId} is ${status}, or its journal is not as wanted`);
}

/** Makes it one file that could have been written long ago on another machine: no host name, and expired leases. */
function detach(path: string): void {
  const handle = new Database(path);
  handle.exec(`
    UPDATE owner SET id = 'elsewhere/pid:[1]' || substr(id, instr(id, ' ')), expires_at = expires_at - ${leaseMs};
    UPDATE run SET owner = 'elsewhere/pid:[1]' || substr(owner, instr(owner, ' ')) WHERE owner IS NOT NULL;
    VACUUM;
  `);
  handle.pragma('wal_checkpoint(TRUNCATE)');
  handle.close();
  const bytes = readFileSync(path);
  for (const text of [`${hostname()}/`, tmpdir(), process.cwd(), dirname(program), 'node:internal', 'file://'])
    if (bytes.includes(text)) throw new Error(`the file names this machine: ${text}`);
  for (const end of ['-wal', '-shm']) if (existsSync(path + end)) throw new Error(`${path}${end} is left`);
}
