// Asks the server of the bench in runs, recorded or not, and says what each took of the processor. Recorded and not are
// processes of their own: as in a server, interception is put up once, or never.
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { createEngine, fields, graph, memoryStore, sum } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

export interface Asked {
  readonly client: keyof typeof clients;
  readonly url: string;
  /** Where a store on disk is to be. */
  readonly file: string | undefined;
}

const exchanges = 50;
const [, , kind] = process.argv;
const effects = kind === 'recorded' ? [httpEffects()] : [];

const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-abcdefghijklmnopqrstuvwx0123456789' };
const agent = new Agent({ keepAlive: true });

const clients = {
  fetch: async (url: string, body: string): Promise<string> =>
    (await fetch(url, { method: 'POST', headers, body })).text(),
  'node:http': async (url: string, body: string): Promise<string> => {
    const asked = request(url, { method: 'POST', headers, agent });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part);
    return Buffer.concat(parts).toString();
  },
};

function asking(ask: (body: string) => Promise<string>) {
  return graph('asking', { state: fields({ count: sum() }) })
    .node('ask', async ({ count }) => {
      await ask(question(count));
      return { delta: { count: 1 } };
    })
    .edge('ask', 'ask', { when: ({ count }) => count < exchanges })
    .start('ask')
    .build();
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

/** Microseconds for one exchange. */
async function measured({ client, url, file }: Asked): Promise<number> {
  const store: RunStore = file === undefined ? memoryStore() : sqliteStore(file);
  const ask = clients[client];
  const before = process.cpuUsage();
  {
    await using engine = createEngine(
      asking((body) => ask(url, body)),
      { store, effects },
    );
    await engine.run({}).orThrow();
  }
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / exchanges);
}

const nothing = async (): Promise<string> => '';
const open = createEngine(asking(nothing), { effects });
// An engine puts its interception up with its first run.
await open.run({}).orThrow();
process.on('message', (asked: Asked) => void measured(asked).then((micros) => process.send?.(micros)));
process.on('disconnect', () => void open.close().then(() => process.exit()));
process.send?.('ready');
