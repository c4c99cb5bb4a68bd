// Nodes share a cached token and a tracer that sends its spans in batches. What one process has cached another has not, and
// batches end elsewhere: neither makes a difference to a replay.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import type { OutsideOption } from '../../src/journal/http/outside-endpoints.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import { replayText } from '../../src/report/index.ts';
import { updateFixture } from '../../src/update/update-fixture.ts';
import { refusedText } from '../../src/vitest/accepted.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';
import { TokenClient, outsideOfTests, sendByFetch } from '../support/token-client.ts';

const folder = sharedFolder();
const times = process.env.REPRISE_TEST_SIZE === 'long' ? 20 : 5;
let server: LoopbackServer;
beforeAll(async () => {
  server = await LoopbackServer.start((request, response) => {
    request.resume();
    const token = { access_token: crypto.randomUUID(), token_type: 'Bearer', expires_in: 3_600 };
    response.end(request.url === '/login/token' ? JSON.stringify(token) : `answer to ${request.url}`);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Sends spans three at a time, and what is left a little later. */
class BatchingTracer {
  readonly #url: string;
  #spans: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  span(name: string): void {
    this.#spans.push(name);
    if (this.#spans.length >= 3) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), 2);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const body = JSON.stringify(this.#spans.splice(0));
    void fetch(`${this.#url}/collect/spans`, { method: 'POST', body }).then(
      (answer) => answer.text(),
      () => undefined,
    );
  }
}

/** The state of the modules of one process. */
interface Modules {
  readonly client: TokenClient;
  readonly tracer: BatchingTracer;
  models: string | undefined;
}

const cold = (): Modules => ({
  client: new TokenClient(sendByFetch(), server.url),
  tracer: new BatchingTracer(server.url),
  models: undefined,
});

function agent({ client, tracer }: Modules): AnyGraph {
  const ask = async (path: string): Promise<string> => {
    tracer.span(`${path} begins`);
    const text = await client.call(path);
    tracer.span(`${path} ends`);
    return text;
  };
  return graph('agent', { state: fields({ left: last(''), right: last(''), end: last('') }) })
    .node('first', () => tracer.span('first'))
    .node('left', async () => ({ delta: { left: await ask('/api/left') } }))
    .node('right', async () => ({ delta: { right: await ask('/api/right') } }))
    .node('end', async () => ({ delta: { end: await ask('/api/end') } }))
    .edge('first', 'left')
    .edge('first', 'right')
    .join(['left', 'right'], 'end')
    .start('first')
    .build();
}

/** Asks for the list of models once in the life of a process. */
function listing(modules: Modules): AnyGraph {
  return graph('listing', { state: fields({ models: last('') }) })
    .node('list', async () => {
      modules.models ??= await (await fetch(`${server.url}/models`)).text();
      return { delta: { models: modules.models } };
    })
    .start('list')
    .build();
}

async function live(
  given: AnyGraph,
  fixture?: string,
  outside: readonly OutsideOption[] = outsideOfTests,
): Promise<string> {
  const store = memoryStore();
  const engine = createEngine(given, { store, effects: [httpEffects({ outside })] });
  const run = await engine.run({} as never, { runId: 'run' });
  expect(run).toMatchObject({ status: 'done', notes: [] });
  const path = fixture === undefined ? '' : await exportRunTo(store, 'run', join(folder, fixture));
  await engine.close();
  return path;
}

async function warm(): Promise<Modules> {
  const modules = cold();
  await live(agent(modules));
  await live(listing(modules));
  return modules;
}

it(`what a warm process recorded replays in a cold one, and the other way round, ${times} times`, async () => {
  for (let time = 0; time < times; time += 1) {
    const byWarm = await live(agent(await warm()), `warm-${time}.run.jsonl`);
    const byCold = await live(agent(cold()), `cold-${time}.run.jsonl`);
    for (const [fixture, modules] of [
      [byWarm, cold()],
      [byCold, await warm()],
    ] as const) {
      const { report } = await replay(agent(modules), fixture);
      expect(report, replayText(report)).toMatchObject({ verdict: 'same', networkCalls: 0, refused: [] });
    }
  }
});

it('another cache that was warm is named as possible module state', async () => {
  const fixture = await live(listing(await warm()), 'listing.run.jsonl');
  const { report } = await replay(listing(cold()), fixture);
  expect(report.verdict).toBe('diverged');
  expect(report.divergences[0]).toMatchObject({ kind: 'missing effect', node: 'list' });
  expect(replayText(report).replaceAll('\n  ', ' ')).toContain("a module's cache");

  const byCold = await live(listing(cold()), 'cold-listing.run.jsonl');
  const other = await replay(listing(await warm()), byCold);
  expect(other.report.divergences[0]).toMatchObject({ kind: 'unused effect', node: 'list' });
  expect(replayText(other.report).replaceAll('\n  ', ' ')).toContain("a module's cache");
});

it('a request for a token at an address that nobody named is recognised, and said to be outside', async () => {
  const named = outsideOfTests.filter((one) => typeof one === 'string');
  const modules = cold();
  await live(agent(modules), undefined, named);
  const byWarm = await live(agent(modules), 'unnamed-warm.run.jsonl', named);
  const token = `{ url: 'POST http://localhost/login/token', kind: 'credential' }`;
  const ofToken = await replay(() => agent(cold()), byWarm);
  const text = replayText(ofToken.report).replaceAll(/\n +/g, ' ');
  expect(ofToken.report.verdict).toBe('diverged');
  expect(text).toContain('"POST http://localhost/login/token" looks like a request for a credential');
  expect(text).toContain(
    `name it in \`outside\` of the config and of \`httpEffects\` (${token}), and record the run again`,
  );

  // One process for both replays may have the token by the second one.
  const unlike = replayText({ ...ofToken.report, verdict: 'not deterministic' });
  expect(unlike.replaceAll(/\n +/g, ' ')).toContain(token);

  const update = await updateFixture(agent(cold()), byWarm);
  expect(update).toMatchObject({ verdict: 'refused', why: 'not recorded' });
  const refused = refusedText(update).replaceAll(/\n +/g, ' ');
  expect(refused).toContain(token);
  expect(refused).not.toContain('--live');
});
