// A request whose answer a node waited for and waits for no longer, or the other way round, is a difference: live it is left
// open when the node has returned.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { assert, describe, it } from 'vitest';
import { compareRuns } from '../../src/diff/compare-runs.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import { replayText } from '../../src/report/divergence/replay-text.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { updateFixture } from '../../src/update/update-fixture.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer, pause } from '../support/loopback-server.ts';

const folder = sharedFolder();
/** The tests run side by side: a replay whose code waits in vain takes two seconds. */
const newFolder = (): string => mkdtempSync(join(folder, 'own-'));

async function notify(url: string): Promise<boolean> {
  const response = await fetch(`${url}/notify`, { method: 'POST', body: '{"to":"Bob"}' });
  return ((await response.json()) as { readonly accepted: boolean }).accepted;
}

const telling = (url: string, awaits: boolean): AnyGraph =>
  graph('telling', { state: fields({ told: last(0) }) })
    .node('tell', async () => {
      const sent = notify(url);
      if (awaits) await sent;
      else void sent.catch(() => undefined);
      return { delta: { told: 1 } };
    })
    .node('after', async () => pause(1))
    .edge('tell', 'after')
    .start('tell')
    .build() as unknown as AnyGraph;

async function recorded(url: string, awaits: boolean, inFolder: string): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(telling(url, awaits), { store, effects: [httpEffects()] });
  const runId = awaits ? 'waits' : 'leaves';
  assert.equal((await engine.run({} as never, { runId })).status, 'done');
  return exportRunTo(store, runId, join(inFolder, `${runId}.run.jsonl`));
}

it.concurrent('tells of a request that a node no longer waits for, or waits for now', async ({ expect }) => {
  await using server = await LoopbackServer.start((_request, response) => {
    response.setHeader('content-type', 'application/json');
    setTimeout(() => response.end('{"accepted":true}'), 20);
  });
  const own = newFolder();
  const waits = await recorded(server.url, true, own);
  const leaves = await recorded(server.url, false, own);
  for (const [path, awaits] of [
    [waits, true],
    [leaves, false],
  ] as const)
    expect((await replay(telling(server.url, awaits), path)).report.divergences).toEqual([]);

  const lost = (await replay(telling(server.url, false), waits)).report;
  expect(lost.divergences).toMatchObject([
    { kind: 'unused effect', at: '1.0#1', path: 'answer', recorded: 'waited for', replayed: 'left open' },
  ]);
  expect(lost.roots).toMatchObject([{ class: 'code changed' }]);
  expect(replayText(lost).replace(/\s+/g, ' ')).toContain(
    '"tell" in step 1 no longer waits for an answer that it waited for (POST /notify, 1.0#1:http:http)',
  );
  expect(replayText(lost)).toContain('`await`');

  const found = (await replay(telling(server.url, true), leaves)).report;
  expect(found.divergences).toMatchObject([
    { kind: 'missing effect', at: '1.0#1', path: 'answer', recorded: 'left open', replayed: 'waited for' },
    { kind: 'error', follows: 0 },
    { kind: 'error', follows: 1 },
  ]);
  expect(replayText(found)).not.toMatch(/client (had )?stopped/);

  using one = await openFixture(waits);
  using other = await openFixture(leaves);
  const compared = await compareRuns({ run: one.run, steps: one.steps() }, { run: other.run, steps: other.steps() });
  expect(compared.divergences).toMatchObject([{ kind: 'unused effect', path: 'answer', replayed: 'left open' }]);
  expect(compared.roots).toMatchObject([{ class: 'code changed' }]);
});

it.concurrent('accepts a request that is left open as what is recorded from then on', async ({ expect }) => {
  await using server = await LoopbackServer.start((_request, response) => response.end('{"accepted":true}'));
  const path = await recorded(server.url, true, newFolder());
  expect(await updateFixture(telling(server.url, false), path)).toMatchObject({ verdict: 'updated' });
  expect((await replay(telling(server.url, false), path)).report.verdict).toBe('same');
  expect((await replay(telling(server.url, true), path)).report.verdict).toBe('diverged');
});

describe.concurrent.each([
  [
    'fetch',
    async (url: string, reads: boolean) => {
      const response = await fetch(url, { method: 'POST', body: 'order' });
      if (reads) await response.text();
      return `${response.status}`;
    },
  ],
  [
    'node:http',
    async (url: string, reads: boolean) => {
      const request = httpRequest(url, { method: 'POST' }).end('order');
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      if (reads) for await (const _part of response);
      return `${response.statusCode}`;
    },
  ],
] as const)('a body by %s', (_name, order) => {
  const ordering = (url: string, reads: boolean): AnyGraph =>
    graph('ordering', { state: fields({ told: last('') }) })
      .node('order', async () => ({ delta: { told: await order(url, reads) } }))
      .start('order')
      .build() as unknown as AnyGraph;

  const recordedOrder = async (url: string, reads: boolean, inFolder: string): Promise<string> => {
    const store = memoryStore();
    await using engine = createEngine(ordering(url, reads), { store, effects: [httpEffects()] });
    const runId = reads ? 'reads' : 'leaves';
    assert.equal((await engine.run({} as never, { runId })).status, 'done');
    return exportRunTo(store, runId, join(inFolder, `${runId}.run.jsonl`));
  };

  it.concurrent('that a node no longer reads is told of, as two recordings differ', async ({ expect }) => {
    await using server = await LoopbackServer.start((_request, response) => response.end('{"accepted":true}'));
    const own = newFolder();
    const reads = await recordedOrder(server.url, true, own);
    const leaves = await recordedOrder(server.url, false, own);
    for (const [path, isRead] of [
      [reads, true],
      [leaves, false],
    ] as const)
      expect((await replay(ordering(server.url, isRead), path)).report.divergences).toEqual([]);

    const lost = (await replay(ordering(server.url, false), reads)).report;
    expect(lost.divergences).toMatchObject([
      { kind: 'unused effect', at: '1.0#1', path: 'answer', recorded: 'read', replayed: 'left open' },
    ]);
    expect(lost.roots).toMatchObject([{ class: 'code changed' }]);
    expect(replayText(lost).replace(/\s+/g, ' ')).toContain(
      '"order" in step 1 no longer reads the body of an answer that it read (POST /, 1.0#1:http:http)',
    );
    expect(replayText(lost)).toContain('read its answer to the end');

    using one = await openFixture(reads);
    using other = await openFixture(leaves);
    const compared = await compareRuns({ run: one.run, steps: one.steps() }, { run: other.run, steps: other.steps() });
    expect(compared.divergences).toMatchObject([{ kind: 'unused effect', recorded: 'read', replayed: 'left open' }]);
  });

  it.concurrent('that a node no longer reads is accepted by an update', async ({ expect }) => {
    await using server = await LoopbackServer.start((_request, response) => response.end('{"accepted":true}'));
    const path = await recordedOrder(server.url, true, newFolder());
    expect(await updateFixture(ordering(server.url, false), path)).toMatchObject({ verdict: 'updated' });
    expect((await replay(ordering(server.url, false), path)).report.verdict).toBe('same');
    expect((await replay(ordering(server.url, true), path)).report.verdict).toBe('diverged');
  });

  it.concurrent('of which there is nothing is read by nobody', async ({ expect }) => {
    await using server = await LoopbackServer.start((_request, response) => response.end());
    const path = await recordedOrder(server.url, true, newFolder());
    expect((await replay(ordering(server.url, false), path)).report.divergences).toEqual([]);
  });
});
