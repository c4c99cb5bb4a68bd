// Exchanges of unchanged code: their heads, and the parts of their bodies, come in other orders too.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, memoryStore } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRun } from '../../src/record/export-run.ts';
import { explore } from '../../src/explore/explore.ts';
import { fileOf } from '../support/fixture-file.ts';
import { collected } from '../support/journals.ts';

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const parts = ['one ', 'two ', 'three'];
  const next = (): void => {
    const part = parts.shift();
    if (part === undefined) response.end();
    else response.write(`${request.url}:${part}`, () => setTimeout(next, 2));
  };
  next();
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

type Read = (response: Response) => Promise<string>;

/** `makeRead` makes what reads the answers: what it keeps between them is shared. */
function reading(makeRead: () => Read): () => AnyGraph {
  return () => {
    const read = makeRead();
    return graph('reading', { state: fields({ found: append<string>() }), inputs: { read: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b'].map((id) => send('read', { id })) }))
      .node('read', async (_state, { input: { id } }) => ({
        delta: { found: [await read(await fetch(`${url}/${id}`))] },
      }))
      .start('plan')
      .build();
  };
}

async function recorded(graphToRun: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(graphToRun, { store, effects: [httpEffects()] });
  const run = await engine.run({} as never, { runId: 'http' });
  expect(run.status).toBe('done');
  return fileOf(Buffer.concat(await collected(exportRun(store, 'http'))));
}

it('finds nothing in nodes that each read a stream of their own', async () => {
  const make = reading(() => (response) => response.text());
  const report = await explore(make, await recorded(make()), { schedules: 100 });
  // How many parts come is up to the network: few enough, and all orders are run.
  expect(['no difference', 'proved']).toContain(report.verdict);
  expect(report.uncontrolled).toEqual([]);
  // Starts, heads, and for each stream one part at least, and its end.
  expect(report.run.events).toBeGreaterThanOrEqual(1 + 2 * (1 + 1 + 2));
});

it('finds streams that share a parser', async () => {
  const make = reading(() => {
    let left = '';
    return async (response) => {
      let text = '';
      for await (const bytes of response.body as ReadableStream<Uint8Array>) {
        left += Buffer.from(bytes).toString();
        const end = left.lastIndexOf(' ') + 1;
        text += left.slice(0, end);
        left = left.slice(end);
      }
      return text;
    };
  });
  const report = await explore(make, await recorded(make()));
  expect(report.verdict).toBe('found');
  expect(report.finding?.holds).toHaveLength(1);
});
