// A body that a node stops before it reads any of it. What a node got of a body counts, so code that read one and now stops it
// is other code. How a body ends of which nothing was read counts for nothing.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/diff/compare-runs.ts';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { replayText } from '../../src/report/index.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { updateFixture } from '../../src/update/update-fixture.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

type Way = (url: string) => Promise<unknown>;

interface Client {
  readonly name: string;
  readonly reads: Way;
  /** Each stops the body of which it has read nothing. */
  readonly stops: readonly Way[];
}

const asked = async (url: string): Promise<[ClientRequest, IncomingMessage]> => {
  const request = httpRequest(url, { method: 'POST' }).end('order');
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return [request, response.on('error', () => undefined)];
};

const clients: readonly Client[] = [
  {
    name: 'fetch',
    reads: async (url) => (await fetch(url, { method: 'POST', body: 'order' })).text(),
    stops: [
      async (url) => (await fetch(url, { method: 'POST', body: 'order' })).body?.cancel(),
      async (url) => {
        const stop = new AbortController();
        await fetch(url, { method: 'POST', body: 'order', signal: stop.signal });
        stop.abort();
      },
      async (url) => {
        const { body } = await fetch(url, { method: 'POST', body: 'order' });
        await delay(30);
        await body?.getReader().cancel();
      },
    ],
  },
  {
    name: 'node:http',
    async reads(url) {
      const [, response] = await asked(url);
      for await (const _part of response);
    },
    stops: [
      async (url) => (await asked(url))[1].destroy(),
      async (url) => (await asked(url))[0].destroy(),
      async (url) => {
        const [, response] = await asked(url);
        await delay(30);
        response.destroy();
      },
    ],
  },
];

const graphOf = (way: Way, url: string): AnyGraph =>
  graph('ordering', { state: fields({ told: last(false) }) })
    .node('order', async () => {
      await way(url);
      return { delta: { told: true } };
    })
    .start('order')
    .build() as unknown as AnyGraph;

async function recorded(way: Way, url: string, folder: string, runId: string): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(graphOf(way, url), { store, effects: [httpEffects()] });
  expect((await engine.run({} as never, { runId })).status).toBe('done');
  return exportRunTo(store, runId, join(folder, `${runId}.run.jsonl`));
}

const bodies: readonly (readonly [string, (end: (text: string) => void, write: (text: string) => void) => unknown])[] =
  [
    ['at once', (end) => end('{"accepted":true}')],
    [
      'in parts',
      async (end, write) => {
        for (const part of ['{"acc', 'epted"']) {
          write(part);
          await delay(10);
        }
        end(':true}');
      },
    ],
  ];

describe.each(clients.flatMap((client) => bodies.map(([comes, send]) => ({ ...client, comes, send }))))(
  'a body that $name gets $comes',
  ({ reads, stops, send }) => {
    const serve = (): Promise<LoopbackServer> =>
      LoopbackServer.start((_request, response) => {
        response.setHeader('content-type', 'application/json');
        send(
          (text) => response.end(text),
          (text) => response.write(text),
        );
      });

    it('and stops unread replays as it was', async () => {
      await using server = await serve();
      for (const stop of stops) {
        const path = await recorded(stop, server.url, temporaryFolder(), 'stops');
        for (const way of stops) expect((await replay(graphOf(way, server.url), path)).report.divergences).toEqual([]);
      }
    });

    it('and no longer reads is told of, as two recordings differ', async () => {
      await using server = await serve();
      const folder = temporaryFolder();
      const path = await recorded(reads, server.url, folder, 'reads');
      expect((await replay(graphOf(reads, server.url), path)).report.divergences).toEqual([]);
      for (const [place, stop] of stops.entries()) {
        const { report } = await replay(graphOf(stop, server.url), path);
        const difference = { kind: 'unused effect', path: 'answer', recorded: 'read', replayed: 'stopped unread' };
        expect(report.divergences).toMatchObject([difference]);
        expect(report.roots).toMatchObject([{ class: 'code changed' }]);
        expect(replayText(report).replace(/\s+/g, ' ')).toContain(
          '"order" in step 1 no longer reads the body of an answer that it read (POST /, 1.0#1:http:http)',
        );
        using one = await openFixture(path);
        using other = await openFixture(await recorded(stop, server.url, folder, `stops-${place}`));
        const runs = [one, other].map((fixture) => ({ run: fixture.run, steps: fixture.steps() }));
        const compared = await compareRuns(runs[0] as never, runs[1] as never);
        expect(compared.divergences).toMatchObject([difference]);
      }
    });

    it('and no longer reads is accepted by an update', async () => {
      await using server = await serve();
      const [stop] = stops as [Way];
      const path = await recorded(reads, server.url, temporaryFolder(), 'reads');
      expect(await updateFixture(graphOf(stop, server.url), path)).toMatchObject({ verdict: 'updated' });
      expect((await replay(graphOf(stop, server.url), path)).report.verdict).toBe('same');
    });
  },
);

// A client that is made with its module keeps the `fetch` of that time: what is recorded then is what the connection gives.
it.each([
  ['stops', async ({ body }: Response) => void (await body?.[Symbol.asyncIterator]().return?.())],
  ['leaves', async () => undefined],
] as const)('a body that a client %s unread replays the same through another fetch', async (_how, end) => {
  await using server = await LoopbackServer.start((_request, response) => response.writeHead(429).end('too many'));
  const early = globalThis.fetch;
  const clientOf = (send: () => typeof fetch) => async (url: string) => void (await end(await send()(url)));
  const folder = temporaryFolder();
  const path = await recorded(
    clientOf(() => early),
    server.url,
    folder,
    'early',
  );
  const late = clientOf(() => globalThis.fetch);
  expect((await replay(graphOf(late, server.url), path)).report.divergences).toEqual([]);
  using one = await openFixture(path);
  using other = await openFixture(await recorded(late, server.url, folder, 'late'));
  for (const [left, right] of [
    [one, other],
    [other, one],
  ] as const) {
    const runs = [left, right].map((fixture) => ({ run: fixture.run, steps: fixture.steps() }));
    expect((await compareRuns(runs[0] as never, runs[1] as never)).divergences).toEqual([]);
  }
});
