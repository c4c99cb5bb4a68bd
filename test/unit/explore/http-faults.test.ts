// What becomes of exchanges of unchanged code when they fail: clients see what they would see of a server.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRun } from '../../../src/record/export-run.ts';
import { explore } from '../../../src/explore/explore.ts';
import { exploreText } from '../../../src/report/index.ts';
import type { FaultRow } from '../../../src/report/explore/explore-facts.ts';
import { fileOf } from '../../support/fixture-file.ts';
import { collected } from '../../support/journals.ts';
import { recorded as recordedWith } from '../../finder/recorded.ts';
import { correct as shared } from '../../finder/correct/shared-request.ts';

const said = ['{"answer": ', '"forty-two, as everybody has known for long"}'];
/** The client has read what there is, so what comes now is a part of its own. */
let partIsRead = (): void => undefined;
const server = createServer((asked, response) => {
  const isStream = asked.url?.endsWith('stream') === true;
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  const parts = isStream ? said.map((content) => `data: ${JSON.stringify({ id: 'x', delta: { content } })}\n\n`) : said;
  if (isStream) response.write(parts[0], () => setTimeout(() => response.end(parts[1]), 5));
  else {
    partIsRead = () => {
      partIsRead = () => undefined;
      response.end(parts[1]);
    };
    response.write(parts[0]);
  }
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

type Ask = (path: string) => Promise<string>;

const byFetch: Ask = async (path) => {
  const response = await fetch(url + path, { signal: AbortSignal.timeout(5_000) });
  return `${response.status} ${await response.text()}`;
};

const byNode: Ask = (path) =>
  new Promise((resolve, reject) => {
    const sent = request(url + path, { timeout: 5_000 }, (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8');
      response
        .on('data', (part: string) => {
          text += part;
          partIsRead();
        })
        .on('end', () => resolve(text))
        .on('error', reject);
    });
    sent
      .on('timeout', () => sent.destroy(new Error('it took too long')))
      .on('error', reject)
      .end();
  });

function asking(ask: Ask, path: string): () => AnyGraph {
  return () =>
    graph('asking', { state: fields({ out: last<string>('') }) })
      .node('ask', async () => ({
        delta: { out: await ask(path).catch((error: Error) => `failed: ${error.name} ${error.message}`) },
      }))
      .start('ask')
      .build();
}

async function recorded(asked: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(asked, { store, effects: [httpEffects()] });
  await engine.run({} as never, { runId: 'http' });
  return fileOf(Buffer.concat(await collected(exportRun(store, 'http'))));
}

/** What the node has got from its client, by fault. */
async function gotBy(ask: Ask, path: string): Promise<Readonly<Record<string, string>>> {
  const make = asking(ask, path);
  const outs: string[] = [];
  const invariant = ({ state }: { readonly state: unknown }): void => {
    outs.push((state as { readonly out: string }).out);
  };
  const report = await explore(make, await recorded(make()), { faults: 'all', schedules: 1, invariant });
  const rung = report.rungs.find(({ name }) => name === 'faults');
  const rows = rung?.name === 'faults' && 'rows' in rung ? rung.rows : ([] as readonly FaultRow[]);
  const ended = rows.filter(({ became }) => became !== 'stuck' && became !== 'unrecorded').length;
  const got = outs.slice(outs.length - ended);
  return Object.fromEntries(
    rows.map(({ schedule, became }) => [
      schedule.replace(/^.*fault\(\S+ (.*)\)$/, '$1'),
      became === 'stuck' || became === 'unrecorded' ? became : (got.shift() as string),
    ]),
  );
}

const page = '<!DOCTYPE html>\n<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>\n';

it('says which request it was, of several in one node', async () => {
  const orders = ['A', 'B', 'C'];
  const ask = async (body: string): Promise<unknown> => {
    const response = await fetch(`${url}/chat/stream`, { method: 'POST', body: JSON.stringify({ turn: body }) });
    if (!response.ok) throw new Error(`turn ${body} failed`);
    return await response.text();
  };
  const make = (): AnyGraph =>
    graph('asking', { state: fields({ out: last<string>('') }) })
      .node('ask', async () => {
        await ask('one');
        for (const order of orders) await byFetch(`/orders/${order}/stream`);
        await ask('two').catch(() => undefined);
        return { delta: { out: 'done' } };
      })
      .start('ask')
      .build();
  const report = await explore(make, await recorded(make()), { faults: 'tools', schedules: 1 });
  const text = exploreText(report).replaceAll(/\s+/g, ' ');
  expect(text).toContain(
    'when the answer to POST /chat/stream with body.json.turn "one" of "ask" (1.0#1) has status 500: NOT HANDLED, the run fails',
  );
  // The requests stand in the order of their hashes, and those hold the port.
  const [, like = ''] = /when the answer to (.*): the run ends with the same state/.exec(text) ?? [];
  expect(like).toContain('(and 3 more like it: ');
  for (const asked of [
    'POST /chat/stream with body.json.turn "two"',
    ...orders.map((order) => `GET /orders/${order}/stream`),
  ])
    expect(like).toContain(asked);
});

it('knows at once that a run never ends whose answer does not come', async () => {
  const make = (): AnyGraph =>
    graph('patient', { state: fields({ out: last<string>('') }) })
      .node('ask', async () => ({ delta: { out: await (await fetch(`${url}/stream`)).text() } }))
      .start('ask')
      .build();
  const fixture = await recorded(make());
  // Something could still come over one that is kept open.
  server.closeAllConnections();
  const slow: number[] = [];
  // A machine that is busy takes its time as well, but not each time.
  for (let tries = 0; tries < 12 && slow.length === tries; tries += 1) {
    const begun: number[] = [];
    const onProgress = (): void => void begun.push(performance.now());
    const report = await explore(make, fixture, { faults: 'all', schedules: 1, onProgress });
    const rung = report.rungs.find(({ name }) => name === 'faults');
    const rows = rung?.name === 'faults' && 'rows' in rung ? rung.rows : [];
    expect(rows.filter(({ became }) => became === 'stuck').map(({ kind }) => kind)).toEqual(['timeout', 'stalled']);
    const longest = Math.max(...begun.map((time, place) => (begun[place + 1] ?? performance.now()) - time));
    if (longest >= 1_000) slow.push(longest);
  }
  expect(slow.length).toBeLessThan(12);
});

it('fails as a server would for fetch, in a stream of events', async () => {
  const event = (content: string): string => `data: ${JSON.stringify({ delta: { content }, id: 'x' })}\n\n`;
  const got = await gotBy(byFetch, '/stream');
  const [behind = '', ...others] = Object.keys(got).filter((fault) => fault.startsWith('broken'));
  expect(others).toEqual([]);
  const timedOut = 'failed: TimeoutError The operation was aborted due to timeout';
  expect(got).toEqual({
    'status 500': '500 {"error":{"type":"fault","message":"Internal Server Error"}}',
    'status 429': '429 {"error":{"type":"fault","message":"Too Many Requests"}}',
    'status 529': '529 {"error":{"type":"fault","message":"Error"}}',
    reset: 'failed: TypeError fetch failed',
    timeout: timedOut,
    'slow 60000': timedOut,
    [behind]: 'failed: TypeError terminated',
    [behind.replace('broken', 'stalled')]: timedOut,
    empty: '200 ',
    truncated: expect.stringMatching(/^200 data: \{"id":"x","delta":.*\n\ndata: \{"id":"x","$/) as string,
    'malformed cut': `200 ${event('{"answer": ')}${event('"forty-two, as ev')}`,
    'malformed other': `200 ${event('I am sorry,')}${event(' but I cannot help with that.')}`,
    'malformed html': `200 ${page}`,
  });
});

it('lets the limit of a client be over before an answer that comes too late', async () => {
  const byRetry: Ask = async (path) => {
    for (let tries = 1; ; tries += 1) {
      const abort = new AbortController();
      const limit = setTimeout(() => abort.abort(), 5_000);
      const response = await fetch(url + path, { signal: abort.signal }).catch(() => undefined);
      clearTimeout(limit);
      if (response !== undefined) return `${tries}: ${response.status} ${(await response.text()).length > 0}`;
    }
  };
  const { timeout, 'slow 60000': late } = await gotBy(byRetry, '/stream');
  expect([timeout, late]).toEqual(['2: 200 true', '2: 200 true']);
});

it('fails as a server would for node:http, in an answer of JSON', async () => {
  const got = await gotBy(byNode, '/json');
  const [behind = ''] = Object.keys(got).filter((fault) => fault.startsWith('broken'));
  expect(got).toMatchObject({
    'status 429': '429 {"error":{"type":"fault","message":"Too Many Requests"}}',
    reset: 'failed: Error socket hang up',
    timeout: 'failed: Error it took too long',
    [behind]: 'failed: Error aborted',
    [behind.replace('broken', 'stalled')]: 'failed: Error it took too long',
    empty: '200 ',
    truncated: '200 {"answer": "forty-two, as ev',
    'malformed cut': '200 {"answer":"forty-two, as everybo"}',
    'malformed other': '200 {"answer":"I am sorry, but I cannot help with that."}',
    'malformed html': `200 ${page}`,
  });
});

it('compares nothing where another attempt asked for the exchange that a fault is of', async () => {
  const fixture = await recordedWith(shared.make());
  const broken = 'fault(2.0#1:http:http~45dbd3d broken 0)';
  const alone = await explore(shared.make, fixture, { only: `fifo ${broken}` });
  expect(alone.rungs).toContainEqual(
    expect.objectContaining({ name: 'faults', rows: [expect.objectContaining({ became: 'failed' })] }),
  );
  const schedule = `fifo hold(2.0#1:start until 2.1#1:start) ${broken}`;
  const { verdict, finding } = await explore(shared.make, fixture, { only: schedule });
  expect(finding).toBeUndefined();
  expect(verdict).toBe('no difference');
}, 120_000);

it('answers a further attempt of a node with what was recorded, also where the fault was an answer', async () => {
  const whole = /^data: .*answer.*\n\ndata: .*everybody.*\n\n$/;
  const make = (): AnyGraph =>
    graph('again', { state: fields({ out: last<string>('') }) })
      .node(
        'ask',
        async () => {
          const answers = await Promise.all(['one', 'other'].map((name) => fetch(`${url}/${name}/stream`)));
          const texts = await Promise.all(answers.map((answer) => answer.text()));
          if (!texts.every((text) => whole.test(text))) throw new Error('that is no answer');
          return { delta: { out: 'answered' } };
        },
        { retry: { attempts: 2, delayMs: 1 }, timeoutMs: 1_000 },
      )
      .start('ask')
      .build();
  const report = await explore(make, await recorded(make()), { faults: 'all', schedules: 1 });
  const rung = report.rungs.find(({ name }) => name === 'faults');
  const rows = rung?.name === 'faults' && 'rows' in rung ? rung.rows : [];
  expect(rows.length).toBeGreaterThan(12);
  expect(rows.filter(({ became }) => became !== 'same state')).toEqual([]);
});

it('makes an answer fail whose client stops reading it, as at the last event of a stream', async () => {
  const make = (): AnyGraph =>
    graph('enough', { state: fields({ out: last<string>('') }) })
      .node('ask', async () => {
        const answer = await fetch(`${url}/stream`);
        if (!answer.ok) return { delta: { out: `status ${answer.status}` } };
        let text = '';
        for await (const bytes of answer.body as ReadableStream<Uint8Array>) {
          text += Buffer.from(bytes).toString();
          if (text.includes('everybody')) break;
        }
        return { delta: { out: text.includes('everybody') ? 'whole' : 'cut' } };
      })
      .start('ask')
      .build();
  const report = await explore(make, await recorded(make()), { faults: 'all', schedules: 1 });
  const rung = report.rungs.find(({ name }) => name === 'faults');
  const rows = rung?.name === 'faults' && 'rows' in rung ? rung.rows : [];
  expect(exploreText(report).replaceAll(/\s+/g, ' ')).toContain(
    'never comes: NOT HANDLED, nothing in the run limits the wait',
  );
  const became = Object.fromEntries(
    rows.map(({ schedule, became }) => [schedule.replace(/^.*fault\(\S+ (.*)\)$/, '$1'), became]),
  );
  expect(became).toMatchObject({
    ...{ 'status 500': 'other state', reset: 'failed', empty: 'other state', truncated: 'other state' },
    ...{ 'slow 60000': 'same state', 'broken 1': 'failed' },
  });
});

it('says so where no answer is of the kind that was asked for', async () => {
  const report = await explore(asking(byFetch, '/stream'), await recorded(asking(byFetch, '/stream')()), {
    faults: 'models',
    schedules: 1,
  });
  expect(exploreText(report)).toContain('faults: none, since no answer of the run is one that was to fail');
});
