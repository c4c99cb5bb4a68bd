// pgbouncer in transaction mode before a server: no two statements need to come over the same connection.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { asServerUser, freePort } from './server.ts';
import type { TestServer } from './server.ts';

const program = '/usr/sbin/pgbouncer';

export function hasPooler(): boolean {
  if (existsSync(program)) return true;
  if (process.env.CI === 'true') throw new Error('pgbouncer is not installed, and CI needs it');
  return false;
}

export interface TestPooler {
  readonly url: string;
  stop(): Promise<void>;
}

/** `at`: a port, for one that is started again. */
export async function startPooler(server: TestServer, at?: number): Promise<TestPooler> {
  const port = at ?? (await freePort());
  const users = join(server.folder, 'users.txt');
  const config = join(server.folder, 'pgbouncer.ini');
  writeFileSync(users, '"postgres" ""\n');
  writeFileSync(
    config,
    `[databases]
postgres = host=127.0.0.1 port=${server.port} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
ignore_startup_parameters = options
`,
  );
  const process_ = spawn(program, ['-q', config], { ...asServerUser(), stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => process_.once('exit', () => resolve()));
  await untilListening(port);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      process_.kill('SIGINT');
      await ended;
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 2_400; tries += 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('pgbouncer did not start within a minute');
}
