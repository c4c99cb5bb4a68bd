// One client of the bench of clients, in a process of its own: bare, or in the nodes of an engine that records. As in a
// server, interception is put up once, or never.
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { Client } from '../clients/client.ts';
import { Sight } from '../clients/sight.ts';
import type { Ask } from '../clients/situations/situation.ts';

export type Measure = 'cpu' | 'up' | 'first part';
export interface Measured {
  readonly measure: Measure;
  readonly url: string;
}

const asksARound = 10;
const [, , name, kind] = process.argv;

/** Of the machine, so that the server's times compare; taken before nodes get their own clocks. */
const { bigint } = process.hrtime;
const now = (): number => Number(bigint()) / 1e6;

const { clients } = (await import('../clients/clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const client = clients.find((one) => one.name === name) as Client;
const open = await client.open();

type Work = () => Promise<number>;
let work: Work = async () => 0;
const working = graph('working', { state: fields({ result: last(0) }) })
  .node('work', async () => ({ delta: { result: await work() } }))
  .start('work')
  .build();
const engine = createEngine(working, { effects: [httpEffects()] });

async function inNode(given: Work): Promise<number> {
  work = given;
  return (await engine.run({}).orThrow()).result;
}
const how = kind === 'bare' ? (given: Work): Promise<number> => given() : inNode;

const measures: { readonly [measure in Measure]: (url: string) => Promise<number> } = {
  /** Microseconds of an exchange. */
  cpu: async (url) => {
    const before = process.cpuUsage();
    await how(async () => {
      for (let count = 0; count < asksARound; count += 1) await ask({ url: `${url}/~whole` });
      return 0;
    });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / asksARound;
  },
  /** When it was asked. */
  up: (url) =>
    how(async () => {
      const body = { kind: 'text', text: '{"question":"?"}', type: 'application/json' } as const;
      const canSend = client.kind === 'http' && client.lacks?.body === undefined;
      const asking = now();
      await ask({ url: `${url}/~whole`, ...(canSend ? { method: 'POST', body } : {}) });
      return asking;
    }),
  /** When it came. It gives up behind it. */
  'first part': (url) =>
    how(async () => {
      const controller = new AbortController();
      let first = Number.NaN;
      const onPart = (): void => {
        if (Number.isNaN(first)) first = now();
        controller.abort();
      };
      const given = { url: `${url}/~streamed`, reading: 'parts', signal: controller.signal, onPart } as const;
      await ask(given).catch(() => undefined);
      return first;
    }),
};

function ask(more: Partial<Ask> & Pick<Ask, 'url'>): Promise<void> {
  const whole: Ask = {
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
  return open.ask(whole, new Sight());
}

if (kind !== 'bare') await inNode(async () => 0);
process.on('message', ({ measure, url }: Measured) => {
  void measures[measure](url).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
