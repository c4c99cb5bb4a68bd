// What recording costs each client of the matrix: `npm run bench:clients [-- words of names of clients]`. Prints for each the
// processor time of an exchange, and the milliseconds until the first byte of a request reaches the server, until the first
// byte of a stream reaches the client, and until the server sees a cancel: each bare and in a node, in turns, as medians.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { Client, OpenClient } from '../clients/client.ts';
import { Sight } from '../clients/sight.ts';
import type { Ask } from '../clients/situations/situation.ts';
import type { Seen } from './clients-server.ts';

const rounds = Number(process.env.REPRISE_BENCH_ROUNDS ?? 11);
const asksARound = 20;

type Work<Result> = () => Promise<Result>;
type In = <Result>(work: Work<Result>) => Promise<Result>;

const bare: In = (work) => work();
const inNode: In = async (work) => {
  let result: { readonly of: Awaited<ReturnType<typeof work>> } | undefined;
  const working = graph('working', { state: fields({ done: last(false) }) })
    .node('work', async () => {
      result = { of: await work() };
      return { delta: { done: true } };
    })
    .start('work')
    .build();
  await using engine = createEngine(working, { effects: [httpEffects()] });
  await engine.run({}).orThrow();
  return (result as unknown as { of: Awaited<ReturnType<typeof work>> }).of;
};

async function costsOf(client: Client): Promise<readonly string[]> {
  const server = fork(new URL('./clients-server.ts', import.meta.url), [JSON.stringify(client.content)], {
    execArgv: ['--no-warnings'],
  });
  const [port] = (await once(server, 'message')) as [number];
  const bench = new ClientBench(await client.open(), server, `http://127.0.0.1:${port}`);
  const canSend = client.lacks?.body === undefined;
  const canStream = client.lacks?.['stream down'] === undefined;
  const costs = [
    await compared((how) => bench.cpu(how)),
    canSend ? await compared((how) => bench.up(how, client.kind)) : '',
    canStream ? await compared((how) => bench.down(how)) : '',
    canStream && client.lacks?.signal === undefined ? await compared((how) => bench.gone(how)) : '',
  ];
  server.disconnect();
  return costs;
}

async function compared(measure: (how: In) => Promise<number>): Promise<string> {
  const times: Record<'bare' | 'node', number[]> = { bare: [], node: [] };
  for (let round = -2; round < rounds; round += 1) {
    const [one, other] = [await measure(bare), await measure(inNode)];
    if (round < 0) continue;
    times.bare.push(one);
    times.node.push(other);
  }
  return `${median(times.bare)} → ${median(times.node)}`;
}

function median(times: number[]): string {
  const middle = times.sort((left, right) => left - right)[times.length >> 1] as number;
  return middle < 100 ? middle.toFixed(1) : middle.toFixed(0);
}

/** Of the machine, so that the server's times compare; taken before nodes get their own clocks. */
const { bigint } = process.hrtime;
const now = (): number => Number(bigint()) / 1e6;

class ClientBench {
  readonly #client: OpenClient;
  readonly #server: ChildProcess;
  readonly #url: string;

  constructor(client: OpenClient, server: ChildProcess, url: string) {
    this.#client = client;
    this.#server = server;
    this.#url = url;
  }

  async cpu(how: In): Promise<number> {
    const before = process.cpuUsage();
    await how(async () => {
      for (let count = 0; count < asksARound; count += 1) await this.#ask({});
    });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / asksARound;
  }

  async up(how: In, kind: Client['kind']): Promise<number> {
    const seen = this.#seen('up');
    const body = { kind: 'text', text: '{"question":"?"}', type: 'application/json' } as const;
    const asked = await how(async () => {
      const asking = now();
      await this.#ask(kind === 'http' ? { method: 'POST', body } : {});
      return asking;
    });
    // A service may send no body.
    const at = await Promise.race([seen, new Promise<number>((resolve) => setTimeout(resolve, 50, Number.NaN))]);
    return at - asked;
  }

  async down(how: In): Promise<number> {
    const wrote = this.#seen('down');
    const got = await how(() => this.#untilFirstPart());
    return got - (await wrote);
  }

  async gone(how: In): Promise<number> {
    // Not the end of an exchange before it: what the server writes first comes first.
    const left = this.#seen('down').then(() => this.#seen('gone'));
    const stopped = await how(() => this.#untilFirstPart());
    return (await left) - stopped;
  }

  /** Gives up behind the first part. Returns when that came. */
  async #untilFirstPart(): Promise<number> {
    const controller = new AbortController();
    let first = Number.NaN;
    const onPart = (): void => {
      if (Number.isNaN(first)) first = now();
      controller.abort();
    };
    const url = `${this.#url}/~streamed`;
    await this.#ask({ url, reading: 'parts', signal: controller.signal, onPart }).catch(() => undefined);
    return first;
  }

  #ask(more: Partial<Ask>): Promise<void> {
    const ask: Ask = {
      url: `${this.#url}/~whole`,
      name: 'bench',
      method: 'GET',
      headers: {},
      body: undefined,
      reading: 'whole',
      retries: 0,
      timeoutMs: undefined,
      signal: undefined,
      onPart: () => undefined,
      socketPath: undefined,
      proxy: undefined,
      ...more,
    };
    return this.#client.ask(ask, new Sight());
  }

  #seen(what: Seen['what']): Promise<number> {
    return new Promise((resolve) => {
      const take = (seen: Seen): void => {
        if (seen.what !== what) return;
        this.#server.off('message', take);
        resolve(seen.at);
      };
      this.#server.on('message', take);
    });
  }
}

const { clients } = (await import('../clients/clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const words = process.argv.slice(2);
const chosen = clients.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
console.log('| client | µs of CPU an exchange | ms until the first byte up | down | until a cancel is seen |');
console.log('| --- | --- | --- | --- | --- |');
for (const client of chosen) console.log(`| ${client.name} | ${(await costsOf(client)).join(' | ')} |`);
process.exit(0);
