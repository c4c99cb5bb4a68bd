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

/** A server that follows another one. */
export interface TestReplica extends TestServer {
  /** It takes writes from now on. */
  promote(): Promise<void>;
}

/** As whom a server may run: it refuses to run as root. */
export function asServerUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export interface ServerOptions {
  /** What it has acknowledged survives a crash of the machine; slower. */
  readonly isSafe?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const given = ['-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
  return startIn('initdb', (data) => ['-D', data, ...given], options);
}

/** Begins as a copy of the server at this port, which it follows under this name. */
export async function startReplica(port: number, name: string): Promise<TestReplica> {
  const from = `host=127.0.0.1 port=${port} user=postgres application_name=${name}`;
  const copy = (data: string): readonly string[] => ['-D', data, '-d', from, '-R', '-X', 'stream', '-c', 'fast', '-N'];
  const replica = await startIn('pg_basebackup', copy, { isSafe: true });
  return {
    ...replica,
    promote: async () => {
      const programs = postgresPrograms() as string;
      const data = join(replica.folder, 'data');
      await run(join(programs, 'pg_ctl'), ['promote', '-w', '-D', data], { ...asServerUser(), cwd: replica.folder });
    },
  };
}

/** In a new folder, which this program fills. */
async function startIn(
  program: 'initdb' | 'pg_basebackup',
  given: (data: string) => readonly string[],
  { isSafe = false, settings: wanted = {} }: ServerOptions,
): Promise<TestServer> {
  const programs = postgresPrograms() as string;
  const user = asServerUser();
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid as number);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder };
  await run(join(programs, program), given(data), options);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    max_connections: '200',
    fsync: isSafe ? 'on' : 'off',
    ...(isSafe ? {} : { synchronous_commit: 'off', full_page_writes: 'off' }),
    ...wanted,
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
  for (let tries = 0; tries < 2_400; tries += 1) {
    try {
      await run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q'], options);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error('the PostgreSQL server did not start within a minute');
}
