// What it costs to record an exchange: the processor time of a run that asks a server, with and without `httpEffects`, in
// turns. The time of the machine around it says little, since the two differ by less than it does.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Asked } from './exchange-client.ts';

const pairs = Number(process.env.REPRISE_BENCH_PAIRS ?? 60);
const warmUps = 40;

const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-'));
let fileCount = 0;

const server = started('./exchange-server.ts');
const [port] = (await once(server, 'message')) as [number];
const url = `http://127.0.0.1:${port}/v1/chat`;

for (const client of ['fetch', 'node:http'] as const)
  for (const store of ['memory', 'SQLite']) {
    const bare = await asking('bare');
    const recorded = await asking('recorded');
    const cpu = (process: ChildProcess): Promise<number> =>
      cpuOf(process, { client, url, file: store === 'memory' ? undefined : newFile() });
    const without: number[] = [];
    const added: number[] = [];
    for (let pair = -warmUps; pair < pairs; pair += 1) {
      const bareMicros = await cpu(bare);
      const recordedMicros = await cpu(recorded);
      if (pair < 0) continue;
      without.push(bareMicros);
      added.push(recordedMicros - bareMicros);
    }
    const range = `[${at(added, 0.25)} to ${at(added, 0.75)} in the middle half; ${at(without, 0.5)} without recording]`;
    console.log(`${client}, ${store}:`.padEnd(20), `${at(added, 0.5)} µs more`.padStart(12), range);
    bare.disconnect();
    recorded.disconnect();
  }
server.disconnect();
rmSync(folder, { recursive: true, force: true });

function started(file: string, ...given: readonly string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), given);
}

async function asking(kind: 'bare' | 'recorded'): Promise<ChildProcess> {
  const client = started('./exchange-client.ts', kind);
  await once(client, 'message');
  return client;
}

async function cpuOf(client: ChildProcess, asked: Asked): Promise<number> {
  client.send(asked);
  const [micros] = (await once(client, 'message')) as [number];
  return micros;
}

function newFile(): string {
  fileCount += 1;
  return join(folder, `${fileCount}.db`);
}

function at(micros: readonly number[], share: number): number {
  return micros.toSorted((left, right) => left - right)[Math.floor((micros.length - 1) * share)] as number;
}
