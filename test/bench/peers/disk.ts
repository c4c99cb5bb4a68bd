// What a run leaves on disk, once its store is closed: the database and what is left of its log.
import { existsSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { agent, appending, constant, runOn } from './ours.ts';
import { peer } from './peer.ts';
import type { Ask, Message } from './peer.ts';
import { grouped, heading, line, newFile } from './table.ts';
import type { Target } from './table.ts';

async function bytesAfter(run: (file: string) => Promise<void>): Promise<number> {
  const file = newFile();
  await run(file);
  const paths = [file, `${file}-wal`].filter((path) => existsSync(path));
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  for (const path of paths) rmSync(path);
  return bytes;
}

const under = (bytes: number, most: number): Target => ({
  text: `under ${grouped(most)}`,
  isMet: bytes < most,
});
const times = (bytes: number, base: number, most: number): Target => ({
  text: `${(bytes / base).toFixed(2)} times as much, at most ${most}`,
  isMet: bytes <= base * most,
});

const server = createServer(async (request, response) => {
  let length = 0;
  for await (const bytes of request) length += (bytes as Buffer).length;
  const answer = { role: 'assistant', content: `answer to ${length} bytes `.padEnd(200, 'a') };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const ask: Ask = async (messages) => {
  const body = JSON.stringify({ model: 'm', messages });
  const response = await fetch(`http://127.0.0.1:${port}/chat`, { method: 'POST', body });
  return (await response.json()) as Message;
};

heading('Bytes on disk, SQLite');
const thousand = await bytesAfter((file) => runOn(appending(1_000, 200), {}, sqliteStore(file)));
const theirThousand = await bytesAfter((file) => peer.append(1_000, 200, file));
line('200 B a step, 1,000 steps', grouped(thousand), grouped(theirThousand), under(thousand, 2_000_000));

const tenThousand = await bytesAfter((file) => runOn(appending(10_000, 200), {}, sqliteStore(file)));
line('200 B a step, 10,000 steps', grouped(tenThousand), 'not measured', times(tenThousand, thousand, 10));

const blob = 'x'.repeat(100_000);
const unchanged = await bytesAfter((file) => runOn(constant(1_000), { blob }, sqliteStore(file)));
const theirUnchanged = await bytesAfter((file) => peer.constant(1_000, blob.length, file));
line('1,000 steps over a constant 100 kB', grouped(unchanged), grouped(theirUnchanged), under(unchanged, 1_000_000));

const turns = (count: number): Promise<number> => bytesAfter((file) => runOn(agent(count, ask), {}, sqliteStore(file)));
const theirTurns = (count: number): Promise<number> => bytesAfter((file) => peer.agent(count, ask, file));
const few = await turns(200);
line('growing history over HTTP, 200 turns', grouped(few), grouped(await theirTurns(200)), under(few, 2_000_000));
const many = await turns(400);
line('growing history over HTTP, 400 turns', grouped(many), grouped(await theirTurns(400)), times(many, few, 2));
server.close();
