// What it costs to record an exchange: the processor time of a run that asks a server, with and without `httpEffects`, in
// turns. The time of the machine around it says little, since the two differ by less than it does.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Asked } from './exchange-client.ts';

const warmUps = 40;

export interface ExchangeCost {
  readonly name: string;
  /** Microseconds of processor time for one exchange: what recording adds to it, in order, and what it takes without. */
  readonly added: readonly number[];
  readonly without: number;
}

/** `pairs`: how many runs of each kind are compared. */
export async function exchangeCosts(pairs: number, newFile: (end: string) => string): Promise<readonly ExchangeCost[]> {
  const start = (file: string, ...given: readonly string[]): ChildProcess =>
    fork(new URL(file, import.meta.url), given);
  const server = start('./exchange-server.ts');
  const [port] = (await once(server, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/v1/chat`;
  const costs: ExchangeCost[] = [];
  for (const client of ['fetch', 'node:http'] as const)
    for (const store of ['memory', 'SQLite']) {
      const bare = start('./exchange-client.ts', 'bare');
      const recorded = start('./exchange-client.ts', 'recorded');
      const run = (asking: ChildProcess): Promise<number> =>
        cpuOf(asking, { client, url, file: store === 'memory' ? undefined : newFile('.db') });
      costs.push({ name: `an exchange by ${client}, ${store}`, ...(await compared(run, { bare, recorded }, pairs)) });
      bare.disconnect();
      recorded.disconnect();
    }
  server.disconnect();
  return costs;
}

async function compared(
  run: (asking: ChildProcess) => Promise<number>,
  { bare, recorded }: Readonly<Record<'bare' | 'recorded', ChildProcess>>,
  pairs: number,
): Promise<Omit<ExchangeCost, 'name'>> {
  const without: number[] = [];
  const added: number[] = [];
  for (let pair = -warmUps; pair < pairs; pair += 1) {
    const micros = await run(bare);
    const recordedMicros = await run(recorded);
    if (pair < 0) continue;
    without.push(micros);
    added.push(recordedMicros - micros);
  }
  return { without: inOrder(without)[pairs >> 1] as number, added: inOrder(added) };
}

const inOrder = (times: number[]): readonly number[] => times.sort((left, right) => left - right);

async function cpuOf(asking: ChildProcess, asked: Asked): Promise<number> {
  asking.send(asked);
  const [micros] = (await once(asking, 'message')) as [number];
  return micros;
}
