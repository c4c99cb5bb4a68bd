// Real processes that are killed while they clean up: the next one does the rest, and nothing that is journaled twice.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { it } from 'vitest';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { sharedFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { bodyOf, LoopbackServer } from '../../support/loopback-server.ts';

const folder = sharedFolder();

interface Call {
  readonly name: string;
  readonly key: string;
}

it.concurrent.for(['timeout', 'cancel', 'failure'] as const)(
  'a clean-up after a %s survives the death of its process, again and again',
  { timeout: 120_000 },
  async (why, { expect, onTestFinished }) => {
    const path = join(folder, `${why}.db`);
    const calls: Call[] = [];
    /** What kills the process that asks for it. */
    const deadly = ['second', 'second', 'third'];
    let child: ChildProcess | undefined;
    await using server = await LoopbackServer.start(async (request, response) => {
      const asked = JSON.parse((await bodyOf(request)).toString('utf8')) as Call;
      calls.push(asked);
      if (asked.name === deadly[0]) {
        deadly.shift();
        child?.kill('SIGKILL');
      } else response.end('done');
    });
    const start = async (): Promise<string> => {
      child = spawn(
        process.execPath,
        ['--no-warnings', 'test/support/cleaning-process-main.ts', path, server.url, why],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      onTestFinished(() => void child?.kill('SIGKILL'));
      const told = text(child.stdout as NodeJS.ReadableStream & never);
      await once(child, 'exit');
      return (await told).trim();
    };
    for (let life = 0; life < 3; life += 1) expect(await start()).toBe('');
    expect(await start()).toBe(why === 'cancel' ? 'cancelled' : 'failed');
    const names = calls.map(({ name }) => name);
    expect(names).toEqual(['lock', 'first', 'second', 'second', 'second', 'third', 'third']);
    const keys = (name: string) => new Set(calls.filter((each) => each.name === name).map(({ key }) => key));
    for (const name of ['second', 'third']) expect(keys(name).size, `one key for ${name}`).toBe(1);
    const store = sqliteStore(path);
    const entries = await collected(store.read('r'));
    await store.close();
    const cleaned = entries.filter(({ kind, at }) => kind === 'effect' && at.startsWith('2.1#1!'));
    expect(cleaned.map(({ at }) => at)).toEqual(['2.1#1!2', '2.1#1!1', '2.1#1!0']);
    expect(entries.filter(({ kind }) => kind === 'stop')).toMatchObject([{ at: '2.1#1', why }]);
  },
);
