// Exchanges of unchanged code: their heads, and the parts of their bodies, come in other orders too.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, last, memoryStore } from '../../src/index.ts';
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

/** One node reads two streams at once, through a `fetch` that was taken before any run, as clients of packages do. */
function readingTwo(join: 'as they come' | 'one by one'): () => AnyGraph {
  return () => {
    const ask = globalThis.fetch;
    const read = async (id: string, take: (text: string) => void): Promise<void> => {
      const { body } = await ask(`${url}/${id}`);
      for await (const bytes of body as ReadableStream<Uint8Array>) take(Buffer.from(bytes).toString());
    };
    return graph('reading two', { state: fields({ text: last('') }) })
      .node('read', async () => {
        let mixed = '';
        const apart = ['', ''];
        const taking = (place: number) => (text: string) => {
          mixed += text;
          apart[place] += text;
        };
        await Promise.all(['a', 'b'].map((id, place) => read(id, taking(place))));
        return { delta: { text: join === 'as they come' ? mixed : apart.join('|') } };
      })
      .start('read')
      .build();
  };
}

it('explores a client that took fetch before, whether or not each run has one of its own', async () => {
  const make = readingTwo('as they come');
  const fixture = await recorded(make());
  const shared = await explore(make(), fixture);
  const fresh = await explore(make, fixture);
  expect([shared.verdict, fresh.verdict]).toEqual(['found', 'found']);
  for (const only of [shared.finding?.schedule, fresh.finding?.schedule])
    for (const given of [make, make()])
      expect((await explore(given, fixture, { only: only as string })).verdict).toBe('found');
});

it('finds nothing where such a client reads streams that are put together in a fixed order', async () => {
  const make = readingTwo('one by one');
  const fixture = await recorded(make());
  for (const given of [make, make()]) {
    const report = await explore(given, fixture, { schedules: 12 });
    expect(['no difference', 'proved']).toContain(report.verdict);
  }
});

it('explores such a client beside calls', async () => {
  const make = (): AnyGraph => {
    const ask = globalThis.fetch;
    return graph('beside', { state: fields({ text: last('') }) })
      .node('read', async (_state, context) => {
        const [text, ...called] = await Promise.all([
          ask(`${url}/a`, { method: 'POST', body: 'what' }).then((answer) => answer.text()),
          ...[1, 2, 4, 8, 16, 32, 64].map(async (count) => {
            for (let left = count; left > 0; left -= 1) await undefined;
            return context.effect('step', { count }, () => count);
          }),
        ]);
        return { delta: { text: [text, ...called].join() } };
      })
      .start('read')
      .build();
  };
  const report = await explore(make, await recorded(make()), { schedules: 12 });
  expect(['no difference', 'proved']).toContain(report.verdict);
});

it('lets no time limit of a client pass before what it limits has been asked for', async () => {
  const asked = async (id: string): Promise<string> => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), 600_000);
    try {
      return await (await fetch(`${url}/${id}`, { signal: limit.signal })).text();
    } finally {
      clearTimeout(timer);
    }
  };
  const make = (): AnyGraph =>
    graph('limited', { state: fields({ found: append<string>() }), inputs: { read: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('read', { id })) }))
      .node('read', async (_state, { input: { id } }) => {
        const text = await asked(id);
        const other = new AbortController();
        const ask = async (given: string): Promise<string> => {
          await fetch(`${url}/${given}`, { signal: other.signal });
          return id;
        };
        const first = await Promise.race([ask(`${id}/slow`), ask(`${id}/fast`)]);
        other.abort();
        return { delta: { found: [text, first] } };
      })
      .start('plan')
      .build();
  const report = await explore(make, await recorded(make()), { schedules: 60 });
  expect(report.finding).toBeUndefined();
});
