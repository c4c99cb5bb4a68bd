// Takes a client through its situations in all ways, each way in a process of its own; replays and resumed runs find no
// server.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { notApplicable } from './ask.ts';
import type { Client } from './client.ts';
import { differences, notesOn } from './compare.ts';
import { MatrixServer } from './server.ts';
import type { Arrived } from './server.ts';
import type { Situation } from './situations/situation.ts';
import { ways } from './ways.ts';
import type { Result, Way } from './ways.ts';

export interface Cell {
  readonly client: string;
  readonly situation: string;
  readonly group: string;
  /** Why it says nothing about this client. */
  readonly skipped?: string;
  /** In what the ways differ; none if they are equal. */
  readonly differences: readonly string[];
  readonly notes?: readonly string[];
}

export async function cellsOf(client: Client, situations: readonly Situation[]): Promise<readonly Cell[]> {
  const applicable = situations.filter((situation) => notApplicable(client, situation) === undefined);
  const results = await resultsOf(client, applicable);
  return situations.map((situation): Cell => {
    const { name, group } = situation;
    const skipped = notApplicable(client, situation);
    const cell = { client: client.name, situation: name, group };
    if (skipped !== undefined) return { ...cell, skipped, differences: [] };
    if (results.seen.bare[name]?.hangs) return { ...cell, skipped: 'it waits for ever by itself', differences: [] };
    return { ...cell, differences: differences(name, results), notes: notesOn(name, results) };
  });
}

export interface Results {
  readonly seen: Readonly<Record<Way, Readonly<Record<string, Result>>>>;
  readonly arrived: Readonly<Record<Way, Readonly<Record<string, readonly Arrived[]>>>>;
}

async function resultsOf(client: Client, situations: readonly Situation[]): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-clients-'));
  const closedUrl = await closedAddress();
  const server = await MatrixServer.start(client.content, situations, join(folder, 'server.sock'));
  const targets = { url: server.url, proxyUrl: server.proxyUrl, socketPath: server.socketPath, closedUrl };
  const seen: Partial<Record<Way, Readonly<Record<string, Result>>>> = {};
  const arrived: Partial<Record<Way, Readonly<Record<string, readonly Arrived[]>>>> = {};
  let isOpen = true;
  try {
    for (const way of ways) {
      if (isOpen && (way === 'replayed' || way === 'resumed')) {
        await server[Symbol.asyncDispose]();
        isOpen = false;
      }
      seen[way] = await inChild(way, client, JSON.stringify(targets), folder, situations);
      arrived[way] = server.taken();
    }
  } finally {
    if (isOpen) await server[Symbol.asyncDispose]();
    if (process.env.KEEP_CLIENTS === undefined) rmSync(folder, { recursive: true, force: true });
  }
  return { seen, arrived } as Results;
}

const patienceMs = 600_000;
const compileCache = join(tmpdir(), 'reprise-clients-compile-cache');
const childPath = fileURLToPath(new URL('child.ts', import.meta.url));

export async function inChild(
  way: Way | 'mocked',
  { name }: Client,
  targets: string,
  folder: string,
  situations: readonly Situation[],
): Promise<Readonly<Record<string, Result>>> {
  const chosen = situations.map((situation) => situation.name).join(',');
  const child = spawn(process.execPath, ['--no-warnings', childPath, way, name, targets, folder, chosen], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Each process loads the same few hundred modules.
    env: { ...process.env, NO_PROXY: '', HTTP_PROXY: '', http_proxy: '', NODE_COMPILE_CACHE: compileCache },
  });
  let talk = '';
  child.stderr.on('data', (text: Buffer) => {
    talk += text;
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(patience);
  try {
    return JSON.parse(readFileSync(join(folder, `${way}.json`), 'utf8')) as Readonly<Record<string, Result>>;
  } catch {
    throw new Error(`${name}, ${way}: the process ended without results\n${talk.slice(0, 2_000)}`);
  }
}

/** An address at which nobody listens. */
export async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
