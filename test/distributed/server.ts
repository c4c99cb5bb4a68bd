// A PostgreSQL server of the tests' own: in a temporary folder, on loopback, stopped when the tests of a file are over.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const home = '/usr/lib/postgresql';

/** The programs of the newest server that is installed; nothing where there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(home)) return undefined;
  const versions = readdirSync(home).filter((version) => existsSync(join(home, version, 'bin', 'postgres')));
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0];
  return newest === undefined ? undefined : join(home, newest, 'bin');
}

/** Why these tests are skipped, if they are. In CI they never are. */
export function skipReason(): string | undefined {
  if (postgresPrograms() !== undefined) return undefined;
  if (process.env.CI === 'true') throw new Error('PostgreSQL is not installed, and CI needs it');
  return 'PostgreSQL is not installed';
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface TestServer {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  /** Starts it again after it was stopped. */
  start(): Promise<void>;
  stop(mode: 'fast' | 'immediate' | 'kill'): Promise<void>;
  /** Stops it for good, and deletes its files. */
  remove(): Promise<void>;
}

/** As whom a server may run: it refuses to run as root. */
export function asServerUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** `isSafe`: what it has acknowledged survives a crash of the machine; slower. */
export async function startServer({ isSafe = false } = {}): Promise<TestServer> {
  const programs = postgresPrograms() as string;
  const user = asServerUser();
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid as number);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder };
  await run(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    options,
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    max_connections: '200',
    fsync: isSafe ? 'on' : 'off',
    ...(isSafe ? {} : { synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  let ended: Promise<void> = Promise.resolve();
  let process_: ReturnType<typeof spawn> | undefined;
  const start = async (): Promise<void> => {
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    process_ = spawn(join(programs, 'postgres'), ['-D', data, ...given], { ...options, stdio: 'ignore' });
    ended = new Promise((resolve) => process_?.once('exit', () => resolve()));
    await untilReady(programs, port, options);
  };
  const stop = async (mode: 'fast' | 'immediate' | 'kill'): Promise<void> => {
    const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;
    process_?.kill(signals[mode]);
    await ended;
  };
  await start();
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    start,
    stop,
    remove: async () => {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(programs: string, port: number, options: { readonly cwd: string }): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    try {
      await run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q'], options);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error('the PostgreSQL server did not start within ten seconds');
}
