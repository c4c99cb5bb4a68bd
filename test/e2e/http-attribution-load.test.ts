// Many nodes at once over what real programs share: one client with a queue, a batcher that sends after its nodes, and a
// token that is fetched once. Live results are those of bare code, and every replay is the same or says what was not.
import { join } from 'node:path';
import { append, createEngine, fields, graph, input, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer, bodyOf, pause } from '../support/loopback-server.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const rounds = isLong ? 50 : 2;
const nodeCount = isLong ? 200 : 60;
const queueWidth = 3;

const folder = sharedFolder();

/** What the nodes of a process share. */
class Shared {
  readonly #url: string;
  readonly #waiting: (() => void)[] = [];
  readonly #batch: string[] = [];
  #running = 0;
  #token: Promise<string> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(item: number): Promise<string> {
    this.#token ??= fetch(`${this.#url}/shared`).then((given) => given.text());
    const shared = await this.#token;
    const answer = await this.#queued(`/item/${item}?with=${encodeURIComponent(shared)}`);
    this.#log(`did ${item}`);
    return answer;
  }

  /** At most so many at once; the next starts in the context of the one that ended. */
  #queued(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        this.#running += 1;
        fetch(this.#url + path)
          .then((given) => given.text())
          .finally(() => {
            this.#running -= 1;
            this.#waiting.shift()?.();
          })
          .then(resolve, reject);
      };
      if (this.#running < queueWidth) start();
      else this.#waiting.push(start);
    });
  }

  #log(line: string): void {
    if (this.#batch.push(line) > 1) return;
    setTimeout(() => {
      const body = this.#batch.splice(0).join('\n');
      void fetch(`${this.#url}/log`, { method: 'POST', body }).catch(() => undefined);
    }, 3);
  }
}

describe('200 nodes that share a client, a batcher and a token', () => {
  it(
    'get what they would get bare, and replay the same',
    async () => {
      const lines = new Set<string>();
      await using server = await LoopbackServer.start(async (request, response) => {
        const body = (await bodyOf(request)).toString();
        if (request.url === '/log') for (const line of body.split('\n')) lines.add(line);
        setTimeout(() => response.end(`answer to ${request.url}`), Math.random() * 4);
      });
      let shared = new Shared(server.url);
      const many: AnyGraph = graph('many', {
        state: fields({ answers: append<string>() }),
        inputs: { one: input<{ item: number }>() },
      })
        .node('all', (_state, { send }) => ({
          route: Array.from({ length: nodeCount }, (_unused, item) => send('one', { item })),
        }))
        .node('one', async (_state, context) => ({ delta: { answers: [await shared.ask(context.input.item)] } }))
        .start('all')
        .build();
      const bare = await Promise.all(Array.from({ length: nodeCount }, (_unused, item) => shared.ask(item)));
      while (lines.size < nodeCount) await pause(1);
      for (let round = 0; round < rounds; round += 1) {
        lines.clear();
        shared = new Shared(server.url);
        const store = memoryStore();
        const engine = createEngine(many, { store, effects: [httpEffects()] });
        const runId = `load-${round}`;
        const run = await engine.run({}, { runId });
        expect(run).toMatchObject({ status: 'done', state: { answers: bare } });
        while (lines.size < nodeCount) await pause(1);
        const fixture = await exportRunTo(store, runId, join(folder, `${runId}.run.jsonl`));
        await engine.close();
        shared = new Shared(server.url);
        const again = await replay(many, fixture);
        const isNoted = run.notes.some(({ kind }) => kind === 'unrecorded');
        expect(isNoted || again.report.verdict === 'same', JSON.stringify(again.report.divergences[0])).toBe(true);
        if (!isNoted) expect(again.run).toMatchObject({ status: 'done', state: { answers: bare } });
      }
    },
    isLong ? 600_000 : 180_000,
  );
});
