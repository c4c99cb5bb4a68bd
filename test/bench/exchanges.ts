// What it costs to record an exchange: the processor time of a run that asks a server, with and without `httpEffects`, in
// turns. The time of the machine around it says little, since the two differ by less than it does.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createEngine, fields, graph, memoryStore, sum } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

const exchanges = 50;
const warmUps = 40;

export interface ExchangeCost {
  readonly name: string;
  /** Microseconds of processor time for one exchange: what recording adds to it, in order, and what it takes without. */
  readonly added: readonly number[];
  readonly without: number;
}

/** `pairs`: how many runs of each kind are compared. */
export async function exchangeCosts(pairs: number, newFile: (end: string) => string): Promise<readonly ExchangeCost[]> {
  const server = fork(new URL('./exchange-server.ts', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const agent = new Agent({ keepAlive: true });
  const clients = { fetch: fetchAnswer, 'node:http': (url: string, body: string) => requestAnswer(agent, url, body) };
  const stores = { memory: memoryStore, SQLite: () => sqliteStore(newFile('.db')) };
  const costs: ExchangeCost[] = [];
  for (const [client, ask] of Object.entries(clients))
    for (const [store, open] of Object.entries(stores)) {
      const run = (isRecorded: boolean): Promise<number> =>
        cpuOf(() => askAll((body) => ask(`http://127.0.0.1:${port}/v1/chat`, body), open(), isRecorded));
      costs.push({ name: `an exchange by ${client}, ${store}`, ...(await compared(run, pairs)) });
    }
  agent.destroy();
  server.disconnect();
  return costs;
}

async function compared(
  run: (isRecorded: boolean) => Promise<number>,
  pairs: number,
): Promise<Omit<ExchangeCost, 'name'>> {
  const without: number[] = [];
  const added: number[] = [];
  for (let pair = -warmUps; pair < pairs; pair += 1) {
    const bare = await run(false);
    const recorded = await run(true);
    if (pair < 0) continue;
    without.push(bare);
    added.push(recorded - bare);
  }
  return { without: inOrder(without)[pairs >> 1] as number, added: inOrder(added) };
}

const inOrder = (times: number[]): readonly number[] => times.sort((left, right) => left - right);

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / exchanges);
}

async function askAll(ask: (body: string) => Promise<string>, store: RunStore, isRecorded: boolean): Promise<void> {
  const asking = graph('asking', { state: fields({ count: sum() }) })
    .node('ask', async ({ count }) => {
      await ask(question(count));
      return { delta: { count: 1 } };
    })
    .edge('ask', 'ask', { when: ({ count }) => count < exchanges })
    .start('ask')
    .build();
  await using engine = createEngine(asking, { store, effects: isRecorded ? [httpEffects()] : [] });
  await engine.run({}).orThrow();
}

function question(number: number): string {
  const words = 'what then? '.repeat(20);
  return JSON.stringify({
    model: 'some-model',
    temperature: 0,
    messages: [
      { role: 'system', content: 'You are a helpful assistant. '.repeat(8) },
      { role: 'user', content: `Question ${number}: ${words}` },
    ],
  });
}

const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-abcdefghijklmnopqrstuvwx0123456789' };

async function fetchAnswer(url: string, body: string): Promise<string> {
  return (await fetch(url, { method: 'POST', headers, body })).text();
}

async function requestAnswer(agent: Agent, url: string, body: string): Promise<string> {
  const asked = request(url, { method: 'POST', headers, agent });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return Buffer.concat(parts).toString();
}
